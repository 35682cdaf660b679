import { validateHeaderValue } from 'node:http';

/** Header fields as received: name, value, name, value … Repeated fields stay repeated, and the names keep their case. */
export type RawHeaders = readonly string[];

/**
 * Fields that describe one connection, not the message (RFC 9110, 7.6.1), and fields that frame or address the message: they are
 * written anew from checked values, so that a client's `Connection:` can neither remove nor keep them.
 */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
  'http2-settings',
  'transfer-encoding',
  'content-length',
  'host',
];

/** Fields that the proxy sets itself. A client's variant with an underscore is removed, too: CGI maps both to one variable. */
const SET_HERE = ['x-forwarded-for', 'x-forwarded-proto'];
const OF_A_HOP: ReadonlySet<string> = new Set(HOP_BY_HOP);
const WRITTEN_ALIKE: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...SET_HERE]);
const NONE: readonly string[] = [];

/** Whether a field, in lower case, belongs to one connection or is set by the proxy. */
export function isDropped(name: string): boolean {
  return WRITTEN_ALIKE.has(name);
}

/** Values of a field, in order. */
export function valuesOf(raw: RawHeaders, field: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]!.length === field.length && raw[at]!.toLowerCase() === field) values.push(raw[at + 1]!);
  }
  return values;
}

/**
 * Length that a message claims; undefined if it claims none.
 *
 * @throws the error that `refuse` makes, for two lengths or for one that is no number
 */
export function lengthOf(raw: RawHeaders, refuse: (why: string) => Error): string | undefined {
  const [length, ...more] = valuesOf(raw, 'content-length');
  if (length === undefined) return undefined;
  if (more.length > 0 || !/^\d{1,15}$/.test(length)) throw refuse('Content-Length is not a single number');
  return String(Number(length));
}

/** Headers that are forwarded to the next hop, without those that frame the message. */
export function endToEndHeaders(raw: RawHeaders): string[] {
  return headersBut(raw, OF_A_HOP);
}

function headersBut(raw: RawHeaders, dropped: ReadonlySet<string>): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const isDisguised = name.includes('_') && WRITTEN_ALIKE.has(name.replaceAll('_', '-'));
    if (!dropped.has(name) && !named.includes(name) && !isDisguised) kept.push(raw[at]!, raw[at + 1]!);
  }
  return kept;
}

/** Headers of the request plus those that tell the upstream its client and protocol. */
export function forwardedHeaders(raw: RawHeaders, client: string | undefined): string[] {
  const before = valuesOf(raw, 'x-forwarded-for');
  const chain = [...before, ...(client === undefined ? [] : [client])];
  return [
    ...headersBut(raw, WRITTEN_ALIKE),
    'X-Forwarded-For',
    chain.join(', '),
    'X-Forwarded-Proto',
    'https',
  ];
}

/**
 * Renders headers as text.
 *
 * @throws TypeError for a value that contains a line break
 */
export function headerLines(raw: RawHeaders): string {
  let lines = '';
  for (let at = 0; at < raw.length; at += 2) {
    validateHeaderValue(raw[at]!, raw[at + 1]!);
    lines += `${raw[at]!}: ${raw[at + 1]!}\r\n`;
  }
  return lines;
}

function namedByConnection(raw: RawHeaders): readonly string[] {
  const values = valuesOf(raw, 'connection');
  const said = values.join(',').toLowerCase();
  // nearly all messages, and every one passes here twice; `keep-alive` is dropped anyway
  if (said === '' || said === 'keep-alive') return NONE;
  return said.split(',').map((name) => name.trim());
}
