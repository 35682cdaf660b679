/** Why a message was not passed on, or not whole. The names are public: logs and metrics use them. */
export const HTTP_FAULTS = [
  'bad_request',
  'misdirected',
  'header_timeout',
  'body_timeout',
  'too_many_waiting',
  'no_upstream',
  'bad_answer',
  'handler_failed',
] as const;

export type HttpFault = (typeof HTTP_FAULTS)[number];

/** The status that says so to the client, where a request has none of its own. */
export const STATUS_OF: Readonly<Record<HttpFault, number>> = {
  bad_request: 400,
  misdirected: 421,
  header_timeout: 408,
  body_timeout: 408,
  too_many_waiting: 400,
  no_upstream: 502,
  bad_answer: 502,
  handler_failed: 502,
};

/** A fault with what was seen of it. */
export class MessageError extends Error {
  readonly fault: HttpFault;
  readonly status: number;

  constructor(fault: HttpFault, message: string, status: number = STATUS_OF[fault]) {
    super(message);
    this.fault = fault;
    this.status = status;
  }
}

/** The fault that something thrown in the handling of a message is. */
export function faultOf(thrown: unknown): MessageError {
  return thrown instanceof MessageError ? thrown : new MessageError('handler_failed', String(thrown));
}
