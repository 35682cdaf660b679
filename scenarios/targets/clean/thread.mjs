// A worker thread counts bytes by connection until it has ended.
import net from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

if (isMainThread) {
  const counter = new Worker(new URL(import.meta.url));
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
    const name = client.remotePort;
    client.on('data', ({ length }) => counter.postMessage({ name, length }));
    client.on('close', () => counter.postMessage({ name, length: 0 }));
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroySoon());
    }
  });
  counter.once('online', () => server.listen(Number(LISTEN_PORT), LISTEN_HOST));
  process.once('SIGTERM', () => process.exit());
} else {
  const bytes = new Map();
  parentPort.on('message', ({ name, length }) => {
    if (length === 0) bytes.delete(name);
    else bytes.set(name, (bytes.get(name) ?? 0) + length);
  });
}
