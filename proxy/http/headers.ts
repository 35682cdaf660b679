import { validateHeaderValue } from 'node:http';

/** Header fields as they came: name, value, name, value … Repeated ones stay repeated, and no name is lost. */
export type RawHeaders = readonly string[];

/**
 * Fields that speak of one connection, not of the message (RFC 9110, 7.6.1), and those that say where a message ends or whom it is
 * for: they are written anew from what was checked, so that no `Connection:` of a client can take them away or keep them.
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

/** Fields that the proxy sets itself; a client's own with an underscore would be the same variable in CGI. */
const SET_HERE = ['x-forwarded-for', 'x-forwarded-proto'];
const WRITTEN_ALIKE: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...SET_HERE]);

/** All values of a field, in their order. */
export function valuesOf(raw: RawHeaders, field: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]!.length === field.length && raw[at]!.toLowerCase() === field) values.push(raw[at + 1]!);
  }
  return values;
}

/**
 * The length that a message claims; undefined where it claims none.
 *
 * @throws what `refuse` makes, for two of them or for one that is no number
 */
export function lengthOf(raw: RawHeaders, refuse: (why: string) => Error): string | undefined {
  const [length, ...more] = valuesOf(raw, 'content-length');
  if (length === undefined) return undefined;
  if (more.length > 0 || !/^\d{1,15}$/.test(length)) throw refuse('Content-Length is no length');
  return String(Number(length));
}

/** The headers of a message that go on to the next hop; how the message is framed is added by who sends it. */
export function endToEndHeaders(raw: RawHeaders): string[] {
  const dropped = new Set([...HOP_BY_HOP, ...namedByConnection(raw)]);
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const isDisguised = name.includes('_') && WRITTEN_ALIKE.has(name.replaceAll('_', '-'));
    if (!dropped.has(name) && !isDisguised) kept.push(raw[at]!, raw[at + 1]!);
  }
  return kept;
}

/** The request's headers with what the upstream could not know otherwise. */
export function forwardedHeaders(raw: RawHeaders, host: string, client: string | undefined): string[] {
  const before = valuesOf(raw, 'x-forwarded-for');
  const chain = [...before, ...(client === undefined ? [] : [client])];
  const others = withoutFields(endToEndHeaders(raw), SET_HERE);
  return ['Host', host, ...others, 'X-Forwarded-For', chain.join(', '), 'X-Forwarded-Proto', 'https'];
}

/**
 * Checks values before they are written by hand.
 *
 * @throws TypeError for a value that would end its line
 */
export function headerLines(raw: RawHeaders): string {
  let lines = '';
  for (let at = 0; at < raw.length; at += 2) {
    validateHeaderValue(raw[at]!, raw[at + 1]!);
    lines += `${raw[at]!}: ${raw[at + 1]!}\r\n`;
  }
  return lines;
}

function withoutFields(raw: RawHeaders, fields: readonly string[]): string[] {
  return raw.filter((_, at) => !fields.includes(raw[at - (at % 2)]!.toLowerCase()));
}

function namedByConnection(raw: RawHeaders): string[] {
  return valuesOf(raw, 'connection').flatMap((value) =>
    value.split(',').map((name) => name.trim().toLowerCase()),
  );
}
