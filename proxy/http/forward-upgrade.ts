import { request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import type { Upstreams } from './forward-request.ts';
import { endToEndHeaders } from './headers.ts';

/** Sends an upgrade on, such as WebSocket's; accepted, the two sockets are joined, refused, the answer goes back. */
export function forwardUpgrade(
  incoming: IncomingMessage,
  client: Duplex,
  head: Buffer,
  headers: OutgoingHttpHeaders,
  { connect }: Upstreams,
): void {
  const left = new AbortController();
  client.once('close', () => left.abort());
  // the server has taken its own handler off
  client.on('error', () => {});
  // what a client sends behind a refused upgrade is thrown away: left unread it would hide the client's end
  const fail = (): void => void client.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n').resume();
  const forward = (socket: Socket): void => {
    const { method, url } = incoming;
    const outgoing = request({
      createConnection: () => socket,
      method,
      path: url,
      headers: { ...headers, connection: 'Upgrade', upgrade: incoming.headers.upgrade },
    });
    outgoing.on('upgrade', (answer, upstream, early) => {
      client.write(headOf(answer, { connection: 'Upgrade', upgrade: answer.headers.upgrade }));
      if (early.length > 0) client.write(early);
      if (head.length > 0) upstream.write(head);
      // an end is passed on as an end, so that what was sent before it arrives; anything else takes both along
      client.pipe(upstream).pipe(client);
      client.once('close', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    });
    outgoing.on('response', (answer) => {
      client.write(headOf(answer, { connection: 'close', 'transfer-encoding': undefined }));
      // a refusal may leave the connection open for more requests, of which there will be none
      pipeline(answer, client, () => void socket.destroy());
      client.resume();
    });
    left.signal.addEventListener('abort', () => outgoing.destroy(), { once: true });
    outgoing.on('error', fail);
    outgoing.end();
  };
  // a client may have left in the very moment of the connect
  connect(left.signal).then((socket) => (left.signal.aborted ? socket.destroy() : forward(socket)), fail);
}

function headOf(answer: IncomingMessage, hop: OutgoingHttpHeaders): string {
  const lines = Object.entries({ ...endToEndHeaders(answer), ...hop }).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('')}\r\n`;
}
