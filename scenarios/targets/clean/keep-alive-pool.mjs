// Each connection is announced over HTTP, by an agent that keeps up to four idle sockets.
import http from 'node:http';
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const announcements = http.createServer((request, response) =>
  request.resume().on('end', () => response.end()),
);
announcements.listen(0, '127.0.0.1');
const agent = new http.Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 4 });
const announce = () => {
  const { port } = announcements.address();
  http.get({ agent, port, host: '127.0.0.1' }, (response) => response.resume()).on('error', () => undefined);
};

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  announce();
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('end', () => other.setTimeout(250, () => other.destroy()));
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close();
  agent.destroy();
  announcements.close();
  announcements.closeAllConnections();
});
