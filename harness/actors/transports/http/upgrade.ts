import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { acceptOf } from '../../../../shared/websocket/accept-of.ts';
import { EagerPipe } from '../eager-pipe.ts';
import type { Handshake } from './asked.ts';
import { formatHead, type HttpHead, parseHead, statusOf } from './http-reader.ts';
import { TransportRefused } from '../pipe.ts';
import { StepFailure } from '../../round-services.ts';
import { readHead, type Recognize } from '../read-head.ts';

/**
 * Opens a tunnel through a forward proxy (RFC 9110, 9.3.6). Rejects with {@link TransportRefused} and the status of a refusal; if `eager`,
 * the stream emits the refusal as `seen` instead.
 */
export function tunnel(stream: Duplex, to: string, eager: boolean): Promise<Duplex> {
  const request = formatHead(`CONNECT ${to} HTTP/1.1`, { Host: to });
  return ask(stream, request, eager, (head) => {
    const status = statusOf(head);
    return status < 200 || status > 299 ? String(status) : undefined;
  });
}

/** Reads the request for a tunnel, as a forward proxy does, and grants it, or refuses it with this status. */
export async function acceptTunnel(stream: Duplex, refusal?: number): Promise<void> {
  await readHead(stream, recognizeConnect);
  const status = refusal ?? 200;
  const reason = refusal === undefined ? 'Connection established' : (STATUS_CODES[status] ?? 'Refused');
  stream.write(
    formatHead(`HTTP/1.1 ${status} ${reason}`, refusal === undefined ? {} : { 'Content-Length': 0 }),
  );
}

/** Requests WebSocket; after the 101 the bytes are raw, and those of an `eager` client right after its request. */
export function upgradeAsClient(
  stream: Duplex,
  { host, path, headers: given }: Handshake,
  eager: boolean,
): Promise<Duplex> {
  const key = randomBytes(16).toString('base64');
  const headers = { Host: host, Connection: 'Upgrade', Upgrade: 'websocket' };
  const socket = { 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': key };
  const request = formatHead(`GET ${path} HTTP/1.1`, { ...headers, ...socket, ...given });
  return ask(stream, request, eager, (head) => {
    const status = statusOf(head);
    if (status !== 101) return String(status);
    return head.headers.get('sec-websocket-accept') === acceptOf(key) ? undefined : 'wrong-accept';
  });
}

/** @param refusal returns the mistake in the answer, in the terms of `Seen`; undefined: none */
async function ask(
  stream: Duplex,
  request: string,
  eager: boolean,
  refusal: (head: HttpHead) => string | undefined,
): Promise<Duplex> {
  if (!eager) stream.write(request);
  const answer = readHead(stream, recognizeHead).then((head) => {
    const refused = refusal(head);
    if (refused !== undefined) throw new TransportRefused(refused);
  });
  if (eager) return new EagerPipe(stream, request, answer);
  await answer;
  return stream;
}

/** Accepts a WebSocket request. */
export async function upgradeAsServer(stream: Duplex): Promise<void> {
  const { headers } = await readHead(stream, recognizeHead);
  const key = headers.get('sec-websocket-key');
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket' || key === undefined)
    throw new TransportRefused('no-upgrade');
  const answer = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Accept': acceptOf(key) };
  stream.write(formatHead('HTTP/1.1 101 Switching Protocols', answer));
}

const CONNECT = 'CONNECT ';

const recognizeConnect: Recognize<HttpHead> = (bytes) => {
  const received = bytes.toString('latin1', 0, CONNECT.length);
  if (!CONNECT.startsWith(received))
    throw new StepFailure(`expected a CONNECT request, the target says ${JSON.stringify(received)}`);
  return recognizeHead(bytes);
};

const recognizeHead: Recognize<HttpHead> = (bytes) => {
  const end = bytes.indexOf('\r\n\r\n');
  return end < 0 ? undefined : { value: parseHead(bytes.toString('latin1', 0, end)), length: end + 4 };
};
