import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

/**
 * The upstream of the benches, in a process of its own: one listener sends back what comes, one sends without end, one answers HTTP.
 * Tells its ports to the parent, and ends with it.
 */
const CHUNK = Buffer.alloc(256 * 1024, 'x');

const echo = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});

const source = net.createServer((socket) => {
  socket.on('error', () => undefined);
  const more = (): void => {
    while (!socket.destroyed && socket.write(CHUNK));
  };
  socket.on('drain', more);
  more();
});

const web = http.createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 2 }).end('ok');
});

for (const server of [echo, source, web]) {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
}
const port = (server: net.Server): number => (server.address() as net.AddressInfo).port;
process.send?.({ echo: port(echo), source: port(source), web: port(web) });
process.once('disconnect', () => process.exit());
