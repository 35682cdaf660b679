// A pipe that takes the client's FIN for the end of everything: what the upstream has yet to say is lost.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: Number(UPSTREAM_PORT), host: UPSTREAM_HOST, allowHalfOpen: true });
  client.pipe(upstream).pipe(client);
  client.on('end', () => upstream.destroy());
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => other.destroySoon());
  }
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit(0));
