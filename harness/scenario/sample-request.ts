import { type Carrier, speaksHttp } from './transport.ts';
import type { HttpRequest } from './step.ts';

/** The request that a route calls a sample of: HTTP, or text for a protocol over bytes; undefined: nothing is said. */
export type SampleRequest = HttpRequest | string | undefined;

/** The sample of an HTTP route that names none: GET /. */
export const GET_ROOT: HttpRequest = { method: 'GET', path: '/', headers: {}, body: 0 };

/** The sample that clients of this carrier can send: a scenario may let them speak otherwise than the route does. */
export function sampleOver(carrier: Carrier, sample: SampleRequest): SampleRequest {
  if (speaksHttp(carrier)) return typeof sample === 'object' ? sample : GET_ROOT;
  return typeof sample === 'string' ? sample : undefined;
}
