// Each connection remembers the one before it: a list that no collection shows.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

let newest = null;

const server = net.createServer((client) => {
  // leak: retained-socket
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  newest = { client, before: newest };
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
