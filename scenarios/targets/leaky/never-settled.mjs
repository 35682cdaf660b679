// A callback waits for a promise that never settles, and keeps the client's socket; another function beside it does, too, and is innocent.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const never = new Promise(() => {});

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  const cleanup = () => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) {
    socket.on('error', cleanup);
    socket.on('close', cleanup);
  }
  client.pipe(upstream).pipe(client);
  void never.then(() => client.uncork()); // leak: retained-socket
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
