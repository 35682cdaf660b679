import { createHash } from 'node:crypto';

/** GUID of the handshake (RFC 6455, 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Value of Sec-WebSocket-Accept that answers a key. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}
