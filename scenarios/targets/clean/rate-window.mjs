// Times of connections by address, those older than 300 ms forgotten by a sweep.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const times = new Map();
setInterval(() => {
  for (const [address, list] of times) {
    const young = list.filter((time) => time > Date.now() - 300);
    if (young.length > 0) times.set(address, young);
    else times.delete(address);
  }
}, 100).unref();

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  times.set(client.remoteAddress, [...(times.get(client.remoteAddress) ?? []), Date.now()]);
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
