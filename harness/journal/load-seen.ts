/** Requests of a load that had their outcome in one span of time. */
export type LoadBucket = {
  /** begin of the span, ms since the case began */
  t: number;
  requests: number;
  /** failed ones by code */
  errors: Record<string, number>;
  /** ms; absent where none was answered well */
  p99?: number;
};

/**
 * Outcome of the requests of a load. Codes of failed ones: a status, such as `502`; `end`, `reset`, `refused`, `timeout` or another ending of
 * the connection; `truncated`, `wrong-body`, `invalid-http`; `rst-…` of a stream; `not-sent` without a connection that took it.
 */
export type LoadSeen = {
  /** ms since the case began */
  began: number;
  /** ms */
  took: number;
  requests: number;
  /** requests that were answered well: with a status of 2xx or 3xx, and whole */
  answered: number;
  errors: Record<string, number>;
  /** latencies from when a request was due to its whole answer, less starvation; ms */
  p50?: number;
  p99?: number;
  /** ms for which harness and target waited for a processor meanwhile */
  starved: number;
  /** addresses of its clients, `address:port`; absent where one is not known, or there were very many */
  sources?: string[];
  /** ms of a bucket */
  width: number;
  buckets: LoadBucket[];
};
