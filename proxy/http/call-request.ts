import type { CallRequest } from './call.ts';
import type { CheckedRequest } from './check-request.ts';
import { forwardedHeaders, valuesOf } from './headers.ts';
import type { RawHeaders } from './headers.ts';
import { announcedTrailers } from './trailers.ts';
import { keyOf } from './websocket/handshake.ts';

/** Safe methods (RFC 9110, 9.2.1): what asks by them may be asked twice. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** Methods whose body some servers do not read: it could become a request of its own on a connection that is used again. */
const BODY_UNUSUAL: ReadonlySet<string> = new Set([...SAFE, 'DELETE']);

/** Facts about a client's request that its check does not tell. */
export type Asker = {
  /** address of the client */
  client: string | undefined;
  wantsTrailers: boolean;
  /** upgrade that the request asks for: to a WebSocket, by an extended CONNECT of HTTP/2, or to anything else, which is not passed on */
  upgrade: 'websocket' | 'connect' | 'other' | undefined;
  /** whether a body may have to wait for an answer: then the head goes ahead alone */
  isConversation: boolean;
};

/**
 * Request for an upstream, of a checked one. It may go on a connection that may have closed already only if it can be sent again
 * (RFC 9112, 9.3.1).
 */
export function callRequest(
  checked: CheckedRequest,
  raw: RawHeaders,
  { client, wantsTrailers, upgrade, isConversation }: Asker,
): CallRequest {
  const { method, target, host, framing, hasBody } = checked;
  return {
    method,
    target,
    host,
    framing,
    hasBody,
    fields: forwardedHeaders(raw, client),
    holdsHead: hasBody && !isConversation && valuesOf(raw, 'expect').length === 0,
    upgrades: upgrade === 'websocket' || upgrade === 'connect',
    handshakeKey: upgrade === 'websocket' ? keyOf(raw) : undefined,
    isPlainToo: upgrade !== 'connect',
    isRepeatable: !hasBody && upgrade === undefined && SAFE.has(method),
    mayKeep: upgrade === undefined && !(hasBody && BODY_UNUSUAL.has(method)),
    wantsTrailers: wantsTrailers && method !== 'HEAD',
    announced: framing[0] === 'Transfer-Encoding' ? announcedTrailers(raw) : [],
  };
}
