/** Requests that are sent beside the scripts for as long as the round lasts, and at least for a time. */
export type Load = {
  connections: number;
  /** requests a second, over all connections, whether or not earlier ones have been answered; absent: as fast as they are answered */
  rate?: number;
  /** ms */
  duration: number;
  /** requests under way on a connection at a time; over h2: streams */
  pipelining: number;
  method: string;
  path: string;
  /** bytes of each request's body */
  body: number;
  /** bytes of each answer's body */
  answer: number;
};

/** Most that may be wrong with a load. */
export type LoadLimits = {
  /** failed requests: a share of all, or a number */
  errors?: { share: number } | { count: number };
  /** ms in which 99 of 100 answers have come, less what a busy machine kept */
  p99?: number;
};

/** Most requests of a load: its outcomes are kept until it is over. */
export const MOST_REQUESTS = 100_000;
