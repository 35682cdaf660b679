// A table of clients that forgets those that end, and not those that are reset: before the first reset it is empty.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const clients = Object.create(null);

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  const name = remember(client);
  client.on('end', () => delete clients[name]);
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});

function remember({ remoteAddress, remotePort }) {
  const name = `${remoteAddress}:${remotePort}`;
  clients[name] = { since: Date.now() }; // leak: collection
  return name;
}
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
