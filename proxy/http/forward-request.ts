import { request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { endToEndHeaders } from './headers.ts';

/** How a request reaches its upstream. */
export type Upstreams = { connect: (signal: AbortSignal) => Promise<Socket> };

/**
 * Sends a request on and its response back, both streamed. Each request has an upstream connection of its own: a pool of them
 * would have to be emptied, and is where proxies leak. Whoever leaves takes the other side along.
 */
export function forwardRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  { connect }: Upstreams,
): void {
  const left = new AbortController();
  response.once('close', () => left.abort());
  // the connection goes on after the answer only if nothing of the request is left on it
  const fail = (): void => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(502, { connection: 'close', 'content-length': 0 }).end();
  };
  const forward = (socket: Socket): void => {
    const { method, url } = incoming;
    const outgoing = request({ createConnection: () => socket, method, path: url, headers });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEndHeaders(answer));
      // a plain pipe() would keep the upstream of a client that leaves, and the client of an upstream that dies
      pipeline(answer, response, () => {});
    });
    left.signal.addEventListener('abort', () => outgoing.destroy(), { once: true });
    incoming.pipe(outgoing);
    // whoever answers early reads no more of the request: left unread it would hide that the client leaves
    outgoing.once('close', () => incoming.unpipe(outgoing).resume());
    outgoing.on('error', fail);
  };
  // a client may have left in the very moment of the connect
  connect(left.signal).then((socket) => (left.signal.aborted ? socket.destroy() : forward(socket)), fail);
}
