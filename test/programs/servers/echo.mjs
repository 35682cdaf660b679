// A TCP server that sends back what it gets.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const open = new Set();
const server = net.createServer((socket) => {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close();
  for (const socket of open) socket.destroy();
});
