import type { OutgoingHttpHeaders } from 'node:http2';
import type { CallRequest } from '../../call.ts';
import { streamFields } from '../../h2/stream-fields.ts';
import { WEBSOCKET, withoutHandshake } from '../../websocket/handshake.ts';

/** Fields of a request on a stream. Of its framing a length alone is told: END_STREAM ends the body. */
export function requestFields(request: CallRequest, scheme: 'http' | 'https'): OutgoingHttpHeaders {
  const { method, target, host, fields, framing, wantsTrailers, announced } = request;
  return {
    ':method': method,
    ':scheme': scheme,
    ':authority': host,
    ':path': target,
    ...streamFields([...fields, ...framing]),
    ...(wantsTrailers && { te: 'trailers' }),
    ...(announced.length > 0 && { trailer: announced.join(', ') }),
  };
}

/** Fields of an extended CONNECT for a WebSocket (RFC 8441, 5). */
export function connectFields(request: CallRequest, scheme: 'http' | 'https'): OutgoingHttpHeaders {
  const { target, host, fields } = request;
  return {
    ':method': 'CONNECT',
    ':protocol': WEBSOCKET,
    ':scheme': scheme,
    ':authority': host,
    ':path': target,
    ...streamFields(withoutHandshake(fields)),
  };
}
