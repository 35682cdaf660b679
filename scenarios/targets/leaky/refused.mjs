// When the upstream refuses, the client is forgotten with its connection open.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer((client) => {
  // leak: socket
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy());
  client.on('close', () => upstream.destroySoon());
  upstream.on('error', () => undefined);
  upstream.once('connect', () => upstream.once('close', () => client.destroySoon()));
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
