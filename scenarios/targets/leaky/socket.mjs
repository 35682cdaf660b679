// An error of the client is swallowed, and with it the only chance to let the upstream go.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST); // leak: socket
  client.pipe(upstream).pipe(client);
  client.on('error', () => undefined);
  upstream.on('error', () => client.destroy());
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => server.close());
