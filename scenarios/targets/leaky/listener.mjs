// Each connection wants to hear of the shutdown, and goes on listening when it is gone itself.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  client.pipe(upstream).pipe(client);
  server.on('close', () => client.destroy()); // leak: listener
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.setMaxListeners(0);
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => server.close());
