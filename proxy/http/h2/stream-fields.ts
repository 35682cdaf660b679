import type { OutgoingHttpHeaders } from 'node:http2';
import type { RawHeaders } from '../headers.ts';

/** Fields of one connection that may stand in a message of HTTP/1.1; HTTP/2 has no place for them. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Converts fields of a message for a stream. Repeated fields become one, which means the same (RFC 9110, 5.3); only Set-Cookie must
 * stay in several, and Cookie has a separator of its own (RFC 9113, 8.2.3).
 */
export function streamFields(raw: RawHeaders): OutgoingHttpHeaders {
  // a field may be called `constructor` or `__proto__`
  const fields = Object.create(null) as Record<string, string>;
  const cookies: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    if (OF_CONNECTION.has(name)) continue;
    const before = fields[name];
    if (name === 'set-cookie') cookies.push(value);
    else fields[name] = before === undefined ? value : `${before}${name === 'cookie' ? ';' : ','} ${value}`;
  }
  return cookies.length === 0 ? fields : Object.assign(fields, { 'set-cookie': cookies });
}
