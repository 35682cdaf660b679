// Each session is to end when the certificate is renewed, and goes on listening for that when it is over.
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file));

const certificates = new EventEmitter().setMaxListeners(0);
process.on('SIGHUP', () => certificates.emit('renewed'));

const server = tls.createServer({ cert, key, handshakeTimeout: 300 }, (client) => {
  certificates.on('renewed', () => client.end()); // leak: listener
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
server.on('tlsClientError', (_, client) => client.destroy());
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
