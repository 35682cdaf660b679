// A forward proxy that lets nobody through: each client gets its answer and a FIN, and is waited for.
import http from 'node:http';

http
  .createServer()
  .on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy()).resume();
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  })
  .listen(Number(process.env.LISTEN_PORT), process.env.LISTEN_HOST);
