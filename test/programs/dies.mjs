// Dies of the first bytes that it is sent: a case on it fails at once.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT } = process.env;

net
  .createServer((client) => {
    client.on('data', () => {
      throw new Error('no bytes, please');
    });
    client.on('error', () => undefined);
  })
  .listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit(0));
