// Each connect is raced against a time-out of a minute, which nobody clears when the connect has won.
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

async function tooLate() {
  await delay(60_000); // leak: timer
  throw new Error('the upstream did not answer');
}

const server = net.createServer(async (client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
  await Promise.race([once(upstream, 'connect'), tooLate()]).catch(() => client.destroy());
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
