// Each connection subscribes to the flush of the statistics and forgets to leave.
import { EventEmitter } from 'node:events';
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const statistics = new EventEmitter().setMaxListeners(0);
setInterval(() => statistics.emit('flush'), 10_000).unref();

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  let bytes = 0;
  client.on('data', (chunk) => (bytes += chunk.length));
  statistics.on('flush', () => console.log(bytes)); // leak: listener
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
