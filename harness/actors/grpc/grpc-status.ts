import type { H2Code } from '../../scenario/h2-codes.ts';

/** Statuses by their names, as far as a client makes them up itself. */
const [
  CANCELLED,
  UNKNOWN,
  PERMISSION_DENIED,
  EXHAUSTED,
  UNIMPLEMENTED,
  INTERNAL,
  UNAVAILABLE,
  UNAUTHENTICATED,
] = [1, 2, 7, 8, 12, 13, 14, 16];

/** Status of a call without one, whose connection was lost. */
export const LOST = UNAVAILABLE;
/** Status of a call that ended without one. */
export const NONE = UNKNOWN;

const OF_RESETS: Partial<Record<H2Code, number>> = {
  'refused-stream': UNAVAILABLE,
  cancel: CANCELLED,
  'enhance-your-calm': EXHAUSTED,
  'inadequate-security': PERMISSION_DENIED,
};

const OF_ANSWERS: Record<number, number> = {
  400: INTERNAL,
  401: UNAUTHENTICATED,
  403: PERMISSION_DENIED,
  404: UNIMPLEMENTED,
  429: UNAVAILABLE,
  502: UNAVAILABLE,
  503: UNAVAILABLE,
  504: UNAVAILABLE,
};

/** Status that a client gives a call whose stream was reset with this code (gRPC over HTTP/2, Errors). */
export const statusOfReset = (code: string): number => OF_RESETS[code as H2Code] ?? INTERNAL;

/** Status that a client gives a call which was answered without one (HTTP to gRPC Status Code Mapping). */
export const statusOfAnswer = (http: number): number => OF_ANSWERS[http] ?? UNKNOWN;
