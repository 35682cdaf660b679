// A gateway that reads the messages of a WebSocket and sends them on by another one, with their close codes.
import http from 'node:http';

import { WebSocket, WebSocketServer } from 'ws';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const host = UPSTREAM_HOST.includes(':') ? `[${UPSTREAM_HOST}]` : UPSTREAM_HOST;

/** Bytes that may wait for a slow reader before its sender is held back, and ms that a peer has for its close frame. */
const FULL = 256 * 1024;
const CLOSE_TIMEOUT = 500;

/** Sends the messages of one socket on to the other, no faster than they are read. */
function forward(from, to) {
  from.on('message', (data, isBinary) => {
    if (to.readyState !== WebSocket.OPEN) return;
    to.send(data, { binary: isBinary }, () => {
      if (to.bufferedAmount < FULL && from.isPaused) from.resume();
    });
    if (to.bufferedAmount >= FULL) from.pause();
  });
  from.on('error', () => undefined);
  from.on('close', (code, reason) => {
    // one that is held back would not hear of the end
    if (to.isPaused) to.resume();
    if (code === 1006) to.terminate();
    else if (code === 1005) to.close();
    else to.close(code, reason);
  });
}

const front = new WebSocketServer({ noServer: true, perMessageDeflate: false, closeTimeout: CLOSE_TIMEOUT });
const server = http.createServer((_request, response) => response.writeHead(426).end());

server.on('upgrade', (request, socket, head) => {
  const back = new WebSocket(`ws://${host}:${UPSTREAM_PORT}${request.url}`, {
    perMessageDeflate: false,
    closeTimeout: CLOSE_TIMEOUT,
    handshakeTimeout: 10_000,
  });
  const leave = () => back.terminate();
  const refuse = () =>
    socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  socket.once('error', leave);
  socket.once('close', leave);
  back.once('error', refuse);
  back.once('open', () => {
    socket.off('error', leave);
    socket.off('close', leave);
    back.off('error', refuse);
    // what the upstream says before the client is there must wait
    back.pause();
    front.handleUpgrade(request, socket, head, (client) => {
      forward(client, back);
      forward(back, client);
      back.resume();
    });
  });
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
