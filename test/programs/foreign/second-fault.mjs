// A relay that notes who could not be connected, to look into it, once a connection has been reset; the notes stay.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const suspects = [];
let resets = 0;

const note = ({ code }, client) => {
  if (code === 'ECONNRESET') resets++;
  if (code === 'ECONNREFUSED' && resets > 0) suspects.push(client.remotePort); // leak: collection
};

net
  .createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), allowHalfOpen: true });
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      socket.on('error', (error) => note(error, client)).on('close', () => other.destroySoon());
    }
  })
  .listen(Number(LISTEN_PORT), LISTEN_HOST);
