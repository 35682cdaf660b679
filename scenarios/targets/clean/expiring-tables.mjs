// Times of the last five minutes, dropped when the next connection comes; sessions of half an hour, swept every minute.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const MINUTE = 60_000;

const times = [];
const sessions = new Map();
setInterval(() => {
  for (const [key, begun] of sessions) if (Date.now() - begun > 30 * MINUTE) sessions.delete(key);
}, MINUTE).unref();

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  const now = Date.now();
  while (now - times[0] > 5 * MINUTE) times.shift();
  times.push(now);
  sessions.set(`${client.remoteAddress}:${client.remotePort}`, now);
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('end', () => other.setTimeout(250, () => other.destroy()));
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
