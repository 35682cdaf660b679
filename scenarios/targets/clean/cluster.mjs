// Two worker processes; in each, a watchdog a connection, cleared when it closes.
import cluster from 'node:cluster';
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork();
  process.once('SIGTERM', () => process.exit());
} else {
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
    const watchdog = setTimeout(() => client.destroy(), 600_000);
    client.on('close', () => clearTimeout(watchdog));
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
}
