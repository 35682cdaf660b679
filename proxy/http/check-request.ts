import type { IncomingMessage } from 'node:http';
import { MessageError } from './http-fault.ts';
import { lengthOf, valuesOf } from './headers.ts';
import type { RawHeaders } from './headers.ts';

/** A request that means one thing only, and what it says. */
export type CheckedRequest = {
  method: string;
  /** in origin form, or `*` */
  target: string;
  host: string;
  /** how its end is known, as header fields for the next hop */
  framing: string[];
  hasBody: boolean;
};

/** Whom a connection may ask for. */
export type Named = {
  /** of its TLS handshake; undefined: the client named nobody */
  serverName: string | undefined;
  /** whether a client without a server name is right here with this host */
  isServed(host: string): boolean;
};

const AUTHORITY = /^(\[[\da-f:.]+\]|[a-z\d_-]+(?:\.[a-z\d_-]+)*\.?)(?::(\d{1,5}))?$/i;
const ABSOLUTE = /^https?:\/\/([^/?#]*)([/?].*)?$/i;
/** They have no body unless they say so; a length of 0 must not be claimed for them. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);
/** Methods that Node's parser takes for protocols that are not HTTP. */
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
 * Checks what Node's parser lets in although two readers could understand it differently (RFC 9112, 3 and 6; RFC 9110, 7.2 and 7.4).
 *
 * @throws MessageError with the status that answers it
 */
export function checkRequest(incoming: IncomingMessage, named: Named): CheckedRequest {
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
    throw bad('the Host is not that of the target');
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
  // oxlint-disable-next-line no-control-regex -- they are looked for
  if (/[^\x21-\x7e]|#/.test(url)) throw bad('the target has characters that no target has');
  if (url.startsWith('/')) return { target: url };
  if (url === '*' && method === 'OPTIONS') return { target: url };
  const absolute = ABSOLUTE.exec(url);
  if (absolute === null) throw bad('the target is none');
  const [, authority = '', path = method === 'OPTIONS' ? '*' : '/'] = absolute;
  return { target: path.startsWith('?') ? `/${path}` : path, authority };
}

function checkHost(hosts: string[], httpVersion: string, named: Named): string {
  const { serverName } = named;
  if (hosts.length > 1) throw bad('two Host fields');
  // HTTP/1.0 needs none: then it is asked for who was named in the handshake
  const host = hosts[0] ?? (httpVersion === '1.0' ? serverName : undefined);
  if (host === undefined) throw bad('no Host');
  const [, name = '', port = '0'] = AUTHORITY.exec(host) ?? [];
  if (name === '' || Number(port) > 65_535) throw bad('Host is no host');
  const plain = name.toLowerCase().replace(/\.$/, '');
  const agrees =
    serverName === undefined ? named.isServed(plain.replace(/[[\]]/g, '')) : plain === serverName;
  if (!agrees) throw new MessageError('misdirected', 'the Host is not whom the handshake asked for');
  return host;
}

function bad(why: string, status = 400): MessageError {
  return new MessageError('bad_request', why, status);
}
