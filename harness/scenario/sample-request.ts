import { type Transport, speaksHttp } from './transport.ts';
import type { HttpRequest } from './step.ts';

/** Sample request of a route: HTTP, or text for a protocol over bytes; undefined: the client sends nothing. */
export type SampleRequest = HttpRequest | string | undefined;

/** Sample of an HTTP route that names none: GET /. */
export const GET_ROOT: HttpRequest = { method: 'GET', path: '/', headers: {}, body: 0 };

/**
 * Call of the service that tells a server's health, without the name of another service (`grpc.health.v1`): a server without that service
 * answers UNIMPLEMENTED.
 */
export const HEALTH_CHECK: HttpRequest = {
  method: 'POST',
  path: '/grpc.health.v1.Health/Check',
  headers: { 'content-type': 'application/grpc', te: 'trailers' },
  // a message of no bytes: not compressed, and its length
  body: 5,
  text: '\0\0\0\0\0',
};

/** Sample of a route whose target file names none; undefined: nothing is said. */
export function usualSample(client: Transport): SampleRequest {
  if (client.protocol === 'grpc') return HEALTH_CHECK;
  return speaksHttp(client) ? GET_ROOT : undefined;
}

/** Sample that clients with this transport can send, which a scenario may have changed. */
export function sampleOver(transport: Transport, sample: SampleRequest): SampleRequest {
  if (speaksHttp(transport)) return typeof sample === 'object' ? sample : usualSample(transport);
  return typeof sample === 'string' ? sample : undefined;
}
