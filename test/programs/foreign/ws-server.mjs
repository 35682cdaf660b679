// A WebSocket server: node ws-server.mjs lets-go|holds [PATH]
//   lets-go: a client that has left is forgotten; holds: only one that has said goodbye
//   PATH: only there, and with a token and a subprotocol, a client is let in
import http from 'node:http';

import { WebSocketServer } from 'ws';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const [how, path] = process.argv.slice(2);
const clients = new Map();
let number = 0;

const server = http.createServer((_, response) => response.writeHead(426).end());
const wss = new WebSocketServer({
  server,
  path,
  verifyClient: ({ req }) => path === undefined || req.headers.authorization === 'Bearer token',
  handleProtocols: (offered) => offered.has('chat') && 'chat',
});
wss.on('connection', (socket) => {
  const id = ++number;
  clients.set(id, { messages: 0 }); // leak: collection
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => {
    clients.get(id).messages++;
    socket.send(data, { binary: isBinary });
  });
  // 1006: no close frame has come
  socket.once('close', (code) => (how === 'lets-go' || code !== 1006) && clients.delete(id));
});

server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  for (const socket of wss.clients) socket.close(1001);
  setTimeout(() => {
    for (const socket of wss.clients) socket.terminate();
  }, 300).unref();
});
