// Names are looked up once; the answers stay, and so does the resolver.
import { lookup } from 'node:dns/promises';
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const answers = new Map();
const addressOf = (name) => {
  if (!answers.has(name)) answers.set(name, lookup(name, { family: 4 }));
  return answers.get(name);
};

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  addressOf(UPSTREAM_HOST).then(
    ({ address }) => client.destroyed || client.setNoDelay(address !== ''),
    () => client.destroy(),
  );
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
