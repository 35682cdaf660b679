// Upstream connections are kept for reuse when a client has ended well, and nobody ever takes one.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const idle = [];

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST); // leak: socket
  client.on('data', (bytes) => upstream.write(bytes));
  upstream.on('data', (bytes) => client.write(bytes));
  client.on('error', () => upstream.destroy());
  client.on('end', () => idle.push(upstream));
  upstream.on('error', () => client.destroy());
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
