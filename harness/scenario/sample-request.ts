import { type Transport, speaksHttp } from './transport.ts';
import type { HttpRequest } from './step.ts';

/** Sample request of a route: HTTP, or text for a protocol over bytes; undefined: the client sends nothing. */
export type SampleRequest = HttpRequest | string | undefined;

/** Sample of an HTTP route that names none: GET /. */
export const GET_ROOT: HttpRequest = { method: 'GET', path: '/', headers: {}, body: 0 };

/** Sample that clients with this transport can send, which a scenario may have changed. */
export function sampleOver(transport: Transport, sample: SampleRequest): SampleRequest {
  if (speaksHttp(transport)) return typeof sample === 'object' ? sample : GET_ROOT;
  return typeof sample === 'string' ? sample : undefined;
}
