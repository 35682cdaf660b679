import type { Transport } from '../../../scenario/transport.ts';

/** Request for a WebSocket, in whatever version of HTTP. */
export type Handshake = { host: string; path: string; headers?: Readonly<Record<string, string>> };

/** Host that requests over a transport name: the one of the target file, the name of TLS, or the upstream's address. */
export function hostOf({ headers, tls, protocol }: Transport, upstream: string): string {
  const named = headers?.['host'];
  if (named !== undefined) return named;
  return tls && tls.servername !== false && protocol !== 'http-absolute' ? tls.servername : upstream;
}

/** Text before the path of each HTTP request: the beginning of the path that the target wants; scheme and authority for a forward proxy. */
export function prefixOf({ protocol, path = '' }: Transport, upstream: string): string {
  const base = path.replace(/\/$/, '');
  return protocol === 'http-absolute' ? `http://${upstream}${base}` : base;
}

/** Additional fields of each request or handshake, but for the host. */
export function askedFields({ headers }: Transport): Pick<Handshake, 'headers'> {
  if (headers === undefined) return {};
  const { host: _host, ...others } = headers;
  return { headers: others };
}
