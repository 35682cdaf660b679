import { createHash, randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { formatHead, type HttpHead, parseHead, statusOf } from './http-reader.ts';
import { CarrierRefused } from './pipe.ts';
import { StepFailure } from '../round.ts';
import { readHead, type Recognize } from './read-head.ts';

/** RFC 6455, 1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A tunnel through a forward proxy (RFC 9110, 9.3.6). Rejects with {@link CarrierRefused} and the status of a refusal. */
export async function tunnel(stream: Duplex, to: string): Promise<void> {
  stream.write(formatHead(`CONNECT ${to} HTTP/1.1`, { Host: to }));
  const status = statusOf(await readHead(stream, recognizeHead));
  if (status < 200 || status > 299) throw new CarrierRefused(String(status));
}

/** Reads the request for a tunnel, as a forward proxy does, and grants it, or refuses it with this status. */
export async function acceptTunnel(stream: Duplex, refusal?: number): Promise<void> {
  await readHead(stream, recognizeConnect);
  const status = refusal ?? 200;
  const said = refusal === undefined ? 'Connection established' : (STATUS_CODES[status] ?? 'Refused');
  stream.write(
    formatHead(`HTTP/1.1 ${status} ${said}`, refusal === undefined ? {} : { 'Content-Length': 0 }),
  );
}

/** Asks for WebSocket; from the 101 on the bytes are raw. */
export async function upgradeAsClient(stream: Duplex, host: string): Promise<void> {
  const key = randomBytes(16).toString('base64');
  const headers = { Host: host, Connection: 'Upgrade', Upgrade: 'websocket' };
  const socket = { 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': key };
  stream.write(formatHead('GET / HTTP/1.1', { ...headers, ...socket }));
  const head = await readHead(stream, recognizeHead);
  const status = statusOf(head);
  if (status !== 101) throw new CarrierRefused(String(status));
  if (head.headers.get('sec-websocket-accept') !== acceptOf(key)) throw new CarrierRefused('wrong-accept');
}

/** Accepts WebSocket. */
export async function upgradeAsServer(stream: Duplex): Promise<void> {
  const { headers } = await readHead(stream, recognizeHead);
  const key = headers.get('sec-websocket-key');
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket' || key === undefined)
    throw new CarrierRefused('no-upgrade');
  const answer = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Accept': acceptOf(key) };
  stream.write(formatHead('HTTP/1.1 101 Switching Protocols', answer));
}

const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64');

const CONNECT = 'CONNECT ';

const recognizeConnect: Recognize<HttpHead> = (bytes) => {
  const said = bytes.toString('latin1', 0, CONNECT.length);
  if (!CONNECT.startsWith(said))
    throw new StepFailure(`expected a CONNECT request, the target says ${JSON.stringify(said)}`);
  return recognizeHead(bytes);
};

const recognizeHead: Recognize<HttpHead> = (bytes) => {
  const end = bytes.indexOf('\r\n\r\n');
  return end < 0 ? undefined : { value: parseHead(bytes.toString('latin1', 0, end)), length: end + 4 };
};
