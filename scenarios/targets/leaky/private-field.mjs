// A private field as older compilers write it: what the class remembers hangs on a WeakMap, and nobody prunes it.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const Sessions_byPort = new WeakMap();
class Sessions {
  constructor() {
    Sessions_byPort.set(this, new Map());
  }
  add(socket) {
    Sessions_byPort.get(this).set(socket.remotePort, { since: Date.now() }); // leak: collection
  }
}
const sessions = new Sessions();

const server = net.createServer((client) => {
  const upstream = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  sessions.add(client);
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
