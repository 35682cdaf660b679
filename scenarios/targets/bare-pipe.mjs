// The shortest right TCP proxy: both ways, half-close is passed on, and an error of one side takes the other with it. It has no clock.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), allowHalfOpen: true });
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
