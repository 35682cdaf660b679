// Sessions of half an hour, swept every minute, but the limit is given in microseconds.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const MINUTE = 60_000_000;

const sessions = new Map();
setInterval(() => {
  for (const [key, begun] of sessions) if (Date.now() - begun > 30 * MINUTE) sessions.delete(key);
}, 60_000).unref();

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  sessions.set(`${client.remoteAddress}:${client.remotePort}`, Date.now()); // leak: collection
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
