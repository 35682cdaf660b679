import type { Protocol, Transport } from './transport.ts';

/** Transports that fit one side of a route. */
type SideKind = {
  protocols: readonly Protocol[];
  /** whether a WebSocket is a stream of HTTP/2; absent: it may be either */
  http2?: boolean;
};

/** Transports of the two sides of a route; a side that is absent may speak any. */
type RouteKind = {
  client?: SideKind;
  upstream?: SideKind;
  /** clients of a server, where other ones fit it than fit a proxy */
  alone?: SideKind;
};

const WEBSOCKET: readonly Protocol[] = ['websocket', 'websocket-frames'];

/**
 * Generic names of routes, with the transports that fit: a scenario of such a route runs on any route of these. Tunnels pass the
 * bytes of a script unchanged.
 */
export const GENERIC_ROUTES: Readonly<Record<string, RouteKind>> = {
  tcp: { client: { protocols: ['bytes', 'connect', 'socks5'] } },
  http: { client: { protocols: ['http', 'h2'] } },
  websocket: { client: { protocols: WEBSOCKET } },
  'websocket-h2': { client: { protocols: WEBSOCKET, http2: true } },
  'websocket-to-h2': {
    client: { protocols: WEBSOCKET, http2: false },
    upstream: { protocols: WEBSOCKET, http2: true },
  },
  'websocket-h2-both': {
    client: { protocols: WEBSOCKET, http2: true },
    upstream: { protocols: WEBSOCKET, http2: true },
  },
  // a server of gRPC is asked like any other; a proxy of gRPC is warmed up by calls
  h2: { client: { protocols: ['h2'] }, alone: { protocols: ['h2', 'grpc'] } },
  grpc: { client: { protocols: ['grpc', 'h2'] }, upstream: { protocols: ['grpc', 'h2'] } },
  'h2-upstream': { client: { protocols: ['http', 'h2'] }, upstream: { protocols: ['h2'] } },
};

/** Whether a route with these transports is one of those that a generic name stands for. */
export function isOfKind(generic: string, sides: { client: Transport; upstream?: Transport }): boolean {
  const kind = Object.hasOwn(GENERIC_ROUTES, generic) ? GENERIC_ROUTES[generic] : undefined;
  if (kind === undefined) return false;
  const client = (sides.upstream === undefined ? kind.alone : undefined) ?? kind.client;
  return fits(client, sides.client) && fits(kind.upstream, sides.upstream);
}

/** Whether clients with this transport speak as those of a generic name do, whatever is behind the target. */
export function clientsFit(generic: string, client: Transport): boolean {
  return Object.hasOwn(GENERIC_ROUTES, generic) && fits(GENERIC_ROUTES[generic]?.client, client);
}

function fits(kind: SideKind | undefined, one: Transport | undefined): boolean {
  if (kind === undefined) return true;
  if (one === undefined || !kind.protocols.includes(one.protocol)) return false;
  return kind.http2 === undefined || kind.http2 === (one.http2 ?? false);
}
