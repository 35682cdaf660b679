// A client's FIN is kept from the upstream, and no clock bounds the half-open connection.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST); // leak: socket
  client.on('data', (bytes) => upstream.write(bytes));
  upstream.pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
