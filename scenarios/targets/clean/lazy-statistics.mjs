// The first failure connects to a server of statistics, and the connection stays.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const sink = net.createServer((socket) => socket.on('error', () => undefined).resume());
sink.listen(0, '127.0.0.1').unref();
let statistics;
const count = (code) => {
  if (statistics === undefined || statistics.destroyed) {
    statistics = net.connect(sink.address().port, '127.0.0.1');
    statistics.on('error', () => undefined).unref();
  }
  statistics.write(`${code}:1|c\n`);
};

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('end', () => other.setTimeout(250, () => other.destroy()));
    socket.on('error', ({ code }) => {
      count(code);
      other.destroy();
    });
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
