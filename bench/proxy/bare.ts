import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

/**
 * Baseline for the reference proxy: `a.pipe(b); b.pipe(a)`, and nothing that a proxy needs besides. Its command line is JSON: the
 * upstream of each listener, and a certificate if the listener terminates TLS.
 */
export type BareListener = { port: number; upstream: { host: string; port: number }; pem?: string };

const OPTIONS = { allowHalfOpen: true, noDelay: true };

for (const { port, upstream, pem } of JSON.parse(process.argv[2] ?? '[]') as BareListener[]) {
  const onConnection = (a: net.Socket): void => {
    const b = net.connect({ ...upstream, ...OPTIONS });
    a.on('error', () => void b.destroy());
    b.on('error', () => void a.destroy());
    a.pipe(b);
    b.pipe(a);
  };
  const both = pem === undefined ? undefined : readFileSync(pem, 'utf8');
  const server =
    both === undefined
      ? net.createServer(OPTIONS, onConnection)
      : // TLS has no half-open connections, and an unfinished handshake would be kept as one
        tls.createServer({ noDelay: true, cert: both, key: both }, onConnection);
  server.listen({ port, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
}
