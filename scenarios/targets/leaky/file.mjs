// Each connection opens a banner's file, and closes it only when it ended well.
import { closeSync, openSync, readSync } from 'node:fs';
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  const log = openSync(new URL(import.meta.url), 'r'); // leak: descriptor
  client.once('end', () => {
    readSync(log, Buffer.alloc(16));
    closeSync(log);
  });
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
