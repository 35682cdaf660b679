// An upstream to play with: sends back whatever comes, closes when the other side does.
import net from 'node:net';

const { LISTEN_PORT = '9001' } = process.env;

const server = net.createServer((socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
server.listen(Number(LISTEN_PORT), '0.0.0.0');
process.once('SIGTERM', () => process.exit(0));
