// A server without an upstream: it answers whatever comes with one line, and closes.
import net from 'node:net';

net
  .createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end('12:00:00\n'));
  })
  .listen(Number(process.env.LISTEN_PORT), process.env.LISTEN_HOST);
