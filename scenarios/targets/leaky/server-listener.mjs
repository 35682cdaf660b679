// Each connection counts its successors, with one more listener on the server.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  let later = 0;
  server.on('connection', () => later++); // leak: listener
  client.on('end', () => later > 1_000_000 && console.log(later));
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.setMaxListeners(0);
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
