import net from 'node:net';

/**
 * The least that a proxy can do, and what the others are measured by: `node proxy-bare.js LISTEN UPSTREAM …`, a pair of ports for
 * each route. It handles no error but the ones that would end it.
 */
const ports = process.argv.slice(2).map(Number);
const options = { allowHalfOpen: true, noDelay: true };

for (let at = 0; at < ports.length; at += 2) {
  const upstreamPort = ports[at + 1] ?? 0;
  const server = net.createServer(options, (a) => {
    const b = net.connect({ port: upstreamPort, host: '127.0.0.1', ...options });
    a.on('error', () => b.destroy());
    b.on('error', () => a.destroy());
    a.pipe(b);
    b.pipe(a);
  });
  server.listen({ port: ports[at] ?? 0, host: '127.0.0.1', backlog: 4096 });
}
