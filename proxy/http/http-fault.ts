/** Reasons why a message was not forwarded, or not completely. The names are public: logs and metrics use them. */
export const HTTP_FAULTS = [
  'bad_request',
  'misdirected',
  'header_timeout',
  'body_timeout',
  'answer_timeout',
  'too_many_waiting',
  'flood',
  'no_upstream',
  'bad_answer',
  'handler_failed',
] as const;

export type HttpFault = (typeof HTTP_FAULTS)[number];

/** Status answered for a fault, unless the request's error carries its own. */
export const STATUS_OF: Readonly<Record<HttpFault, number>> = {
  bad_request: 400,
  misdirected: 421,
  header_timeout: 408,
  body_timeout: 408,
  answer_timeout: 504,
  too_many_waiting: 400,
  flood: 429,
  no_upstream: 502,
  bad_answer: 502,
  handler_failed: 502,
};

/** Fault with its details. */
export class MessageError extends Error {
  readonly fault: HttpFault;
  readonly status: number;

  constructor(fault: HttpFault, message: string, status: number = STATUS_OF[fault]) {
    super(message);
    this.fault = fault;
    this.status = status;
  }
}

/** Converts anything thrown while a message is handled into a fault. */
export function faultOf(thrown: unknown): MessageError {
  return thrown instanceof MessageError ? thrown : new MessageError('handler_failed', String(thrown));
}
