// A server that takes WebSockets; the argument `leaky` does not end its side when a client has ended its own.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const isLeaky = process.argv[2] === 'leaky';

const server = http.createServer((_request, response) => response.end('hello')); // leak: socket
server.on('upgrade', (_request, socket) => {
  socket.on('error', () => socket.destroy());
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resume();
  if (!isLeaky) socket.once('end', () => socket.end());
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
