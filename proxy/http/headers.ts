import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** They speak of one connection, not of the message (RFC 9110, 7.6.1). `transfer-encoding` stays: Node frames by it. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'upgrade',
];

/** The headers of a message that go on to the next hop; repeated ones stay repeated. */
export function endToEndHeaders({ headers, headersDistinct }: IncomingMessage): OutgoingHttpHeaders {
  const dropped = new Set([...HOP_BY_HOP, ...namedByConnection(headers)]);
  const kept = Object.entries(headersDistinct).filter(([name]) => !dropped.has(name));
  return Object.fromEntries(
    kept.map(([name, values = []]) => [name, values.length === 1 ? values[0] : values]),
  );
}

/** The request's headers with what the upstream could not know otherwise. */
export function forwardedHeaders(request: IncomingMessage, client: string | undefined): OutgoingHttpHeaders {
  const before = request.headers['x-forwarded-for'];
  const chain = [...(before === undefined ? [] : [before].flat()), ...(client === undefined ? [] : [client])];
  return { ...endToEndHeaders(request), 'x-forwarded-for': chain.join(', '), 'x-forwarded-proto': 'https' };
}

function namedByConnection({ connection }: IncomingHttpHeaders): string[] {
  return (connection ?? '').split(',').map((name) => name.trim().toLowerCase());
}
