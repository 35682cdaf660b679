import type { OutgoingHttpHeaders } from 'node:http2';
import type { CallRequest } from '../../call.ts';
import { streamFields } from '../../h2/stream-fields.ts';

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
