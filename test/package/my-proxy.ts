/** The proxy that the README's target file starts. */
export const MY_PROXY = `
const net = require('node:net');
const { parseArgs } = require('node:util');

const { values } = parseArgs({ options: { port: { type: 'string' }, to: { type: 'string' } } });
const [host, port] = values.to.split(':');

net
  .createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ host, port, allowHalfOpen: true });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.resetAndDestroy());
    upstream.on('error', () => client.resetAndDestroy());
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  })
  .listen(Number(values.port), '127.0.0.1');
`;
