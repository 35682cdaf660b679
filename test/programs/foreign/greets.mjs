// A relay with a greeting of its own for its upstream, as clients of databases and brokers have one. Both sides end together; nothing is left behind.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

net
  .createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), allowHalfOpen: true });
    upstream.write('HELLO 3\n');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.pipe(to);
      from.on('error', () => to.destroy()).on('close', () => to.destroySoon());
    }
  })
  .listen(Number(LISTEN_PORT), LISTEN_HOST);
