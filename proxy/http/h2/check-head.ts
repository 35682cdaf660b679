import { checkRequest } from '../check-request.ts';
import type { CheckedRequest, Named } from '../check-request.ts';
import { valuesOf } from '../headers.ts';
import type { RawHeaders } from '../headers.ts';
import { MessageError } from '../http-fault.ts';
import type { Limits } from '../../limits/limits.ts';
import { WEBSOCKET } from '../websocket/handshake.ts';

/** Limits of a request's head, in fields and bytes. */
export type HeadLimits = Pick<Limits, 'maxHeaderFields' | 'maxHeaderBytes'>;

/** Request of a stream that can be read in one way only. */
export type StreamRequest = CheckedRequest & {
  /** fields as HTTP/1.1 has them: no pseudo-header fields, one Cookie */
  fields: string[];
  /** length that the request announces; undefined if it announces none */
  length: number | undefined;
  wantsTrailers: boolean;
  awaitsContinue: boolean;
  /** whether it is an extended CONNECT for a WebSocket */
  isWebSocket: boolean;
};

/** Fields of one connection, which HTTP/2 has no place for (RFC 9113, 8.2.2). */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const PSEUDO = [':method', ':scheme', ':authority', ':path', ':protocol'] as const;
/** Bytes that each field counts beside its name and value (RFC 9113, 6.5.2). */
const FIELD = 32;

/** Size of a head as RFC 9113, 6.5.2 counts it. */
export function sizeOf(raw: RawHeaders): number {
  let size = 0;
  for (let at = 0; at < raw.length; at += 2) size += raw[at]!.length + raw[at + 1]!.length + FIELD;
  return size;
}

/**
 * Checks the head of a stream. It passes through the same checks as one of HTTP/1.1, since it may become one: `:authority` is Host,
 * and a body without a length is chunked. nghttp2 has refused most broken heads before; what it tells apart is not left to it alone.
 *
 * @param endsStream whether the request has no body
 * @throws MessageError with the status to answer
 */
export function checkHead(
  raw: RawHeaders,
  endsStream: boolean,
  named: Named,
  { maxHeaderFields, maxHeaderBytes }: HeadLimits,
): StreamRequest {
  if (maxHeaderFields > 0 && raw.length / 2 > maxHeaderFields) throw bad('too many fields', 431);
  if (sizeOf(raw) > maxHeaderBytes) throw bad('a head that is too large', 431);
  const pseudo = pseudoFields(raw);
  const { ':method': method = '', ':path': url = '' } = pseudo;
  const isWebSocket = asksForWebSocket(method, pseudo[':protocol'], endsStream);
  if (pseudo[':scheme'] !== 'https') throw bad('the scheme is not https');
  if (!url.startsWith('/') && url !== '*') throw bad('the path does not begin with /');
  const fields = plainFields(raw);
  const authority = authorityOf(pseudo[':authority'], fields);
  const te = valuesOf(fields, 'te');
  if (te.some((value) => value.toLowerCase() !== 'trailers')) throw bad('TE other than trailers');
  const hasLength = valuesOf(fields, 'content-length').length > 0;
  if (hasLength && isWebSocket) throw bad('a WebSocket with a length');
  const framing = endsStream || hasLength || isWebSocket ? [] : ['transfer-encoding', 'chunked'];
  const checked = checkRequest(
    // behind the proxy it may be an upgrade of HTTP/1.1
    {
      method: isWebSocket ? 'GET' : method,
      url,
      httpVersion: '1.1',
      rawHeaders: [...authority, ...fields, ...framing],
    },
    named,
  );
  const length = hasLength ? Number(checked.framing[1]) : undefined;
  if (endsStream && (length ?? 0) > 0) throw bad('a length without a body');
  // no spread: this is made for each request
  return {
    method: checked.method,
    target: checked.target,
    host: checked.host,
    framing: checked.framing,
    hasBody: checked.hasBody && !endsStream,
    fields,
    length,
    wantsTrailers: te.length > 0,
    awaitsContinue: valuesOf(fields, 'expect').length > 0,
    isWebSocket,
  };
}

/** Whether a request is an extended CONNECT for a WebSocket (RFC 8441, 4 and 5). */
function asksForWebSocket(method: string, protocol: string | undefined, endsStream: boolean): boolean {
  if (method !== 'CONNECT') {
    if (protocol !== undefined) throw bad('the pseudo-header field :protocol');
    return false;
  }
  if (protocol === undefined) throw bad('CONNECT', 405);
  if (protocol.toLowerCase() !== WEBSOCKET) throw bad(`CONNECT for ${protocol}`, 501);
  if (endsStream) throw bad('a WebSocket that ends with its head');
  return true;
}

function pseudoFields(raw: RawHeaders): Partial<Record<(typeof PSEUDO)[number], string>> {
  const known: readonly string[] = PSEUDO;
  const found: Record<string, string> = {};
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    if (!name.startsWith(':')) continue;
    if (!known.includes(name)) throw bad(`the pseudo-header field ${name}`);
    if (found[name] !== undefined) throw bad(`two fields ${name}`);
    found[name] = raw[at + 1]!;
  }
  return found;
}

/** Regular fields. Cookie may come in parts, which HTTP/1.1 has in one field (RFC 9113, 8.2.3). */
function plainFields(raw: RawHeaders): string[] {
  const fields: string[] = [];
  const cookies: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    if (name.startsWith(':')) continue;
    if (OF_CONNECTION.has(name)) throw bad(`the field ${name} of a connection`);
    if (name === 'cookie') cookies.push(raw[at + 1]!);
    else fields.push(name, raw[at + 1]!);
  }
  return cookies.length === 0 ? fields : [...fields, 'cookie', cookies.join('; ')];
}

/** Host field for a request whose fields have none. */
function authorityOf(authority: string | undefined, fields: RawHeaders): string[] {
  if (authority === undefined) return [];
  const [host] = valuesOf(fields, 'host');
  if (host === undefined) return ['host', authority];
  if (host.toLowerCase() !== authority.toLowerCase()) throw bad('Host differs from :authority');
  return [];
}

function bad(why: string, status = 400): MessageError {
  return new MessageError('bad_request', why, status);
}
