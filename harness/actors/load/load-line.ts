/** Connection of a load. */
export type LoadLine = {
  /** requests that have no outcome yet */
  readonly inFlight: number;
  /** whether it takes another request */
  readonly isOpen: boolean;
  /** Sends a request; `done` is called once, without a code where it was answered well. */
  send(done: (code?: string) => void): void;
  /** Gives up what is under way with this code, and ends the connection. */
  fail(code: string): void;
  /** Time (`performance.now()`) at which the oldest request under way was sent; undefined: there is none. */
  readonly oldest: number | undefined;
  /** Ends the connection, on which nothing is under way. */
  close(): void;
};

/** Request of a load as it is sent each time, and how long its answer must be. */
export type LoadRequest = {
  method: string;
  path: string;
  host: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** bytes of the answer's body; undefined: any */
  answer: number | undefined;
};

/** Code of an answer: undefined for a good one. */
export function codeOf(status: number, bytes: number, { answer }: LoadRequest): string | undefined {
  if (status < 200 || status > 399) return String(status);
  return answer === undefined || bytes === answer ? undefined : 'wrong-body';
}
