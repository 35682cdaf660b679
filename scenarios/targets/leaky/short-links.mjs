// The number of bytes of each connection is kept, and each remembers the one before: a few bytes a connection. The cache beside it has a
// bound, and must not hide that.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const cache = new Map();
let latest;
function remember(bytes) {
  // leak: memory
  latest = { before: latest, bytes };
  cache.set(Symbol('connection'), bytes);
  if (cache.size > 90) cache.delete(cache.keys().next().value);
}
export const lastTwo = () => [latest, latest?.before];

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      if (socket === client) remember(client.bytesRead);
      other.destroySoon();
    });
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
