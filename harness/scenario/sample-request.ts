import type { HttpRequest } from './scenario.ts';

/** The request that a route calls a sample of: HTTP, or text for a protocol over bytes; undefined: nothing is said. */
export type SampleRequest = HttpRequest | string | undefined;

/** The sample of an HTTP route that names none: GET /. */
export const GET_ROOT: HttpRequest = { method: 'GET', path: '/', headers: {}, body: 0 };
