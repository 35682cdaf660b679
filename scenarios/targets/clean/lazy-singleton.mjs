// The first failure makes a reporter that stays: a table, an unref'd interval, a listener on the process.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

let reporter;
const makeReporter = () => {
  const failures = new Map();
  const print = () => failures.size > 1000 && console.error(failures.size);
  setInterval(print, 60_000).unref();
  process.on('SIGUSR2', print);
  return { count: (code) => failures.set(code, (failures.get(code) ?? 0) + 1) };
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
      reporter ??= makeReporter();
      reporter.count(code);
      other.destroy();
    });
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => server.close());
