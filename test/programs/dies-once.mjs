// A proxy that dies of the first bytes the first time it is started, and never again: STATE is the file by which it knows.
import { writeFileSync } from 'node:fs';
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT, STATE } = process.env;

let isFirst = true;
try {
  writeFileSync(STATE, '', { flag: 'wx' });
} catch {
  isFirst = false;
}

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  if (isFirst) {
    client.once('data', () => {
      throw new Error('only this once');
    });
  }
  const upstream = net.connect({
    port: Number(UPSTREAM_PORT),
    host: UPSTREAM_HOST,
    allowHalfOpen: true,
  });
  client.pipe(upstream).pipe(client);
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => undefined);
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => server.close());
