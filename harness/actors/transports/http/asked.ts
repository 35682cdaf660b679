import { askedBy, type Transport } from '../../../scenario/transport.ts';

/** Host that requests over a transport name: the one of the target file, the name of TLS, or the upstream's address. */
export function hostOf({ headers, tls, protocol }: Transport, upstream: string): string {
  const named = headers?.['host'];
  if (named !== undefined) return named;
  return tls && tls.servername !== false && protocol !== 'http-absolute' ? tls.servername : upstream;
}

/** Text before the path of each request: the beginning of the path that the target wants; scheme and authority for a forward proxy. */
export function prefixOf(transport: Transport, upstream: string): string {
  const { protocol, path = '' } = transport;
  const base = askedBy(transport) === 'requests' ? path.replace(/\/$/, '') : '';
  return protocol === 'http-absolute' ? `http://${upstream}${base}` : base;
}

/** Additional fields of each request. */
export function askedFields(transport: Transport): { headers?: Readonly<Record<string, string>> } {
  if (transport.headers === undefined || askedBy(transport) !== 'requests') return {};
  const { host: _host, ...headers } = transport.headers;
  return { headers };
}
