// Sockets are known by weak references only; the registry drops what has been collected.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const sockets = new Set();
const gone = new FinalizationRegistry((reference) => sockets.delete(reference));

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  const reference = new WeakRef(client);
  sockets.add(reference);
  gone.register(client, reference);
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
