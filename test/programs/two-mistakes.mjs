// A watchdog for every connection, never cleared; and a listener on `process` that is taken off only once a client has sent something.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  setTimeout(() => client.destroy(), 60_000).unref();
  const onHangUp = () => client.destroy();
  process.on('SIGHUP', onHangUp);
  client.once('data', () => process.off('SIGHUP', onHangUp));
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
process.setMaxListeners(0);
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit(0));
