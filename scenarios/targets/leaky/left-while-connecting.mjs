// The client is watched only once the upstream is connected: one that leaves before that is not seen leaving.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST); // leak: socket
  client.on('error', () => undefined);
  upstream.on('error', () => client.destroy());
  upstream.once('connect', () => {
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroySoon());
    upstream.on('close', () => client.destroySoon());
  });
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
