// Open sockets in a Set; those that end by an error stay in it.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const open = new Set();

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    open.add(socket); // leak: collection
    socket.on('end', () => open.delete(socket));
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
  client.pipe(upstream).pipe(client);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
