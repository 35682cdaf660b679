import { isDropped, valuesOf } from './headers.ts';
import type { RawHeaders } from './headers.ts';

/**
 * Fields that are never forwarded as trailers (RFC 9110, 6.5.1): a next hop that merges trailers into headers would take them for
 * routing, framing, authentication, or control of the request. Fields of one connection are dropped besides.
 */
const NEVER: ReadonlySet<string> = new Set(
  (
    'age allow cache-control content-encoding content-range content-type content-location authorization cookie set-cookie ' +
    'www-authenticate authentication-info origin referer date expires location max-forwards pragma range retry-after vary via warning ' +
    'expect forwarded x-real-ip method path status last-modified accept-ranges'
  ).split(' '),
);
const NEVER_PREFIXES = [
  'x-forwarded-',
  'x-original-',
  'x-http-method',
  'if-',
  'access-control-',
  'sec-',
  'proxy-',
];
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Picks the trailers that may be forwarded.
 *
 * @param named names that were announced, in lower case; undefined: all
 */
export function allowedTrailers(raw: RawHeaders, named?: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const isNamed = named === undefined || named.includes(name);
    if (isNamed && isAllowed(name) && VALUE.test(raw[at + 1]!)) kept.push(raw[at]!, raw[at + 1]!);
  }
  return kept;
}

/** Names of allowed trailers that a message announces, in lower case. */
export function announcedTrailers(raw: RawHeaders): string[] {
  const names = words(raw, 'trailer').filter((name) => TOKEN.test(name) && isAllowed(name));
  return [...new Set(names)];
}

/** Whether the sender of a request wants trailers: it says so for this connection, as RFC 9110, 10.1.4 demands. */
export function wantsTrailers(raw: RawHeaders): boolean {
  return words(raw, 'te').includes('trailers') && words(raw, 'connection').includes('te');
}

/** Fields that tell the upstream which trailers come, and whether the client wants those of the answer. */
export function trailerFields(wants: boolean, announced: readonly string[]): string[] {
  const fields = wants ? ['TE', 'trailers', 'Connection', 'TE'] : [];
  return announced.length > 0 ? [...fields, 'Trailer', announced.join(', ')] : fields;
}

function isAllowed(name: string): boolean {
  // CGI takes `_` and `-` for the same character
  const plain = name.replaceAll('_', '-');
  return !isDropped(plain) && !NEVER.has(plain) && !NEVER_PREFIXES.some((prefix) => plain.startsWith(prefix));
}

function words(raw: RawHeaders, field: string): string[] {
  return valuesOf(raw, field).flatMap((value) => value.split(',').map((word) => word.trim().toLowerCase()));
}
