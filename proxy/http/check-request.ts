import type { IncomingMessage } from 'node:http';
import { MessageError } from './http-fault.ts';
import { lengthOf, valuesOf } from './headers.ts';
import type { RawHeaders } from './headers.ts';

/** Request that can be read in one way only, and its content. */
export type CheckedRequest = {
  method: string;
  /** request target in origin form, or `*` */
  target: string;
  host: string;
  /** header fields that tell the next hop where the body ends */
  framing: string[];
  hasBody: boolean;
};

/** Hosts that a connection may ask for. */
export type Named = {
  /** server name of the TLS handshake; undefined if the client sent none */
  serverName: string | undefined;
  /** whether this route serves the host for a client without a server name */
  isServed(host: string): boolean;
};

const AUTHORITY = /^(\[[\da-f:.]+\]|[a-z\d_-]+(?:\.[a-z\d_-]+)*\.?)(?::(\d{1,5}))?$/i;
const ABSOLUTE = /^https?:\/\/([^/?#]*)([/?].*)?$/i;
/** Methods without a body unless one is announced; no `Content-Length: 0` must be added for them. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);
/** Methods that Node's parser accepts although they belong to protocols other than HTTP. */
const FOREIGN: ReadonlySet<string> = new Set([
  'SOURCE',
  'DESCRIBE',
  'ANNOUNCE',
  'SETUP',
  'PLAY',
  'PAUSE',
  'TEARDOWN',
  'GET_PARAMETER',
  'SET_PARAMETER',
  'REDIRECT',
  'RECORD',
  'FLUSH',
]);

/**
 * Rejects requests that Node's parser accepts although two readers could understand them differently (RFC 9112, 3 and 6; RFC 9110, 7.2
 * and 7.4).
 *
 * @throws MessageError with the status to answer
 */
export function checkRequest(
  incoming: Pick<IncomingMessage, 'rawHeaders' | 'method' | 'url' | 'httpVersion'>,
  named: Named,
): CheckedRequest {
  const { rawHeaders: raw, method = '', url = '', httpVersion } = incoming;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw bad(`HTTP/${httpVersion}`, 505);
  if (FOREIGN.has(method)) throw bad(`the method ${method}`, 501);
  const framing = requestFraming(raw, httpVersion);
  const hasBody = framing.length > 0;
  if (hasBody && method === 'TRACE') throw bad('TRACE with a body');
  const expectations = valuesOf(raw, 'expect');
  if (expectations.some((value) => value.toLowerCase() !== '100-continue')) throw bad('Expect', 417);
  const { target, authority } = checkTarget(url, method);
  const host = checkHost(valuesOf(raw, 'host'), httpVersion, named);
  if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase()) {
    throw bad('the Host differs from the host of the request target');
  }
  const empty = hasBody || WITHOUT_BODY.has(method) ? [] : ['Content-Length', '0'];
  return { method, target, host, framing: [...framing, ...empty], hasBody };
}

function requestFraming(raw: RawHeaders, httpVersion: string): string[] {
  const encodings = valuesOf(raw, 'transfer-encoding');
  if (encodings.length > 0 && valuesOf(raw, 'content-length').length > 0)
    throw bad('Content-Length beside Transfer-Encoding');
  if (encodings.length > 0) {
    // RFC 9112, 6.1: a message of HTTP/1.0 with an encoding is faulty
    if (httpVersion === '1.0') throw bad('Transfer-Encoding in HTTP/1.0');
    const [encoding = ''] = encodings;
    if (encodings.length === 1 && encoding.toLowerCase() === 'chunked') {
      return ['Transfer-Encoding', 'chunked'];
    }
    const isKnownEnd = encodings.length === 1 && /^[a-z][^,]*,\s*chunked$/i.test(encoding);
    throw bad('Transfer-Encoding is not chunked', isKnownEnd ? 501 : 400);
  }
  const length = lengthOf(raw, bad);
  return length === undefined ? [] : ['Content-Length', length];
}

function checkTarget(url: string, method: string): { target: string; authority?: string } {
  // oxlint-disable-next-line no-control-regex -- the check is for control characters
  if (/[^\x21-\x7e]|#/.test(url)) throw bad('invalid characters in the request target');
  if (url.startsWith('/')) return { target: url };
  if (url === '*' && method === 'OPTIONS') return { target: url };
  const absolute = ABSOLUTE.exec(url);
  if (absolute === null) throw bad('the request target is not a URL');
  const [, authority = '', path = method === 'OPTIONS' ? '*' : '/'] = absolute;
  return { target: path.startsWith('?') ? `/${path}` : path, authority };
}

function checkHost(hosts: string[], httpVersion: string, named: Named): string {
  const { serverName } = named;
  if (hosts.length > 1) throw bad('two Host fields');
  // HTTP/1.0 needs no Host: the server name of the handshake stands in
  const host = hosts[0] ?? (httpVersion === '1.0' ? serverName : undefined);
  if (host === undefined) throw bad('no Host');
  const [, name = '', port = '0'] = AUTHORITY.exec(host) ?? [];
  if (name === '' || Number(port) > 65_535) throw bad('Host is not a valid host');
  const plain = name.toLowerCase().replace(/\.$/, '');
  const agrees =
    serverName === undefined ? named.isServed(plain.replace(/[[\]]/g, '')) : plain === serverName;
  if (!agrees) throw new MessageError('misdirected', 'the Host is not the TLS server name');
  return host;
}

function bad(why: string, status = 400): MessageError {
  return new MessageError('bad_request', why, status);
}
