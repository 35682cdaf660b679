// Keeps the first bytes of each connection for the next one to look at: each remembers the one before.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

let latest;
function remember(bytes) {
  // leak: memory
  latest = { before: latest, at: Date.now(), words: Array.from({ length: 1000 }, (_, at) => bytes + at / 7) };
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
