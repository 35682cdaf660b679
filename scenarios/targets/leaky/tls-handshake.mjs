// TLS clients may begin a handshake and not finish it. Node says so after `handshakeTimeout`, but leaves the socket to who listens.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file));

const server = tls.createServer({ cert, key, handshakeTimeout: 300 }, (client) => {
  // leak: socket
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.on('tlsClientError', (error) => console.error(error.code));
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
