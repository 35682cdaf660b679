// Exits 0 when LISTEN_PORT accepts a connection, or when there is none to check.
import net from 'node:net';

const { LISTEN_PORT } = process.env;
if (LISTEN_PORT) {
  const socket = net.connect(Number(LISTEN_PORT), '127.0.0.1');
  socket.once('connect', () => socket.destroy());
  socket.once('error', () => (process.exitCode = 1));
}
