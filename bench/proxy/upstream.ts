import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

/**
 * The upstream of the benches, in a process of its own, on each address of its command line: one listener sends back what
 * comes, one sends without end, one takes all that comes, one answers HTTP. Tells its ports to the parent, and ends with it.
 */
export type UpstreamPorts = { host: string; echo: number; source: number; sink: number; http: number };

const CHUNK = Buffer.alloc(256 * 1024, 'x');

const echo = (socket: net.Socket): void => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
};

const source = (socket: net.Socket): void => {
  socket.on('error', () => undefined);
  const more = (): void => {
    while (!socket.destroyed && socket.write(CHUNK));
  };
  socket.on('drain', more);
  // seen only where somebody reads
  socket.resume();
  more();
};

const sink = (socket: net.Socket): void => {
  socket.on('error', () => undefined);
  socket.resume();
};

const answer = (_: http.IncomingMessage, response: http.ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 5 }).end('hello');
};

async function listen(server: net.Server, host: string): Promise<number> {
  server.listen({ port: 0, host, backlog: 4096 });
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

async function open(host: string): Promise<UpstreamPorts> {
  const web = http.createServer({ keepAliveTimeout: 60_000 }, answer);
  return {
    host,
    echo: await listen(net.createServer({ noDelay: true }, echo), host),
    source: await listen(net.createServer(source), host),
    sink: await listen(net.createServer(sink), host),
    http: await listen(web, host),
  };
}

const ports: UpstreamPorts[] = [];
for (const host of process.argv.slice(2)) ports.push(await open(host));
process.send?.(ports);
process.once('disconnect', () => process.exit());
