import type { Protocol } from './transport.ts';

/** Protocols of the two sides of a route; a side that is absent may speak any. */
export type RouteKind = { client?: readonly Protocol[]; upstream?: readonly Protocol[] };

/**
 * Generic names of routes, with the protocols that fit: a scenario of such a route runs on any route of these protocols. Tunnels pass the
 * bytes of a script unchanged.
 */
export const GENERIC_ROUTES: Readonly<Record<string, RouteKind>> = {
  tcp: { client: ['bytes', 'connect', 'socks5'] },
  http: { client: ['http', 'h2'] },
  websocket: { client: ['websocket', 'websocket-frames'] },
  h2: { client: ['h2'] },
  grpc: { client: ['grpc', 'h2'], upstream: ['grpc', 'h2'] },
  'h2-upstream': { client: ['http', 'h2'], upstream: ['h2'] },
};
