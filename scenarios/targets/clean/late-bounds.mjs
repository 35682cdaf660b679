// A cache of the last 1,000 connections, and times by address and port that are swept only every four seconds.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const latest = new Map();
const times = new Map();
let last = 0;
setInterval(() => {
  for (const [key, time] of times) if (Date.now() - time > 1000) times.delete(key);
}, 4000).unref();

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  latest.set(++last, client.remoteAddress);
  if (latest.size > 1000) latest.delete(latest.keys().next().value);
  times.set(`${client.remoteAddress}:${client.remotePort}`, Date.now());
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
process.once('SIGTERM', () => server.close());
