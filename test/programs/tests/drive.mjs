// Drives a leaky program (scenarios/targets/leaky) in the process of a test, as bench/one-line.ts compares tools by it.
import { once } from 'node:events';
import net from 'node:net';
import { pathToFileURL } from 'node:url';

const CLIENTS = 4;
/** Programs whose leak shows if the client resets while the upstream is silent, or half-closes, or finds no upstream. */
const WAYS = {
  reset: ['socket', 'socket-set', 'file', 'worker', 'only-ended', 'statistics'],
  'half-close': ['half-open'],
};

const listening = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};

/** Starts an upstream and the program; `round` sends traffic, `stop` ends both as SIGTERM would. */
export async function start(file) {
  const name = file.replace(/.*\/(.*)\.mjs$/, '$1');
  const way = Object.keys(WAYS).find((one) => WAYS[one].includes(name)) ?? 'close';
  const upstream = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined).on('data', (data) => socket.write(data));
    if (way !== 'reset' && name !== 'idle-pool') socket.on('end', () => socket.end());
  });
  const upstreamPort = await listening(upstream);
  const holder = net.createServer();
  const port = await listening(holder);
  holder.close();
  await once(holder, 'close');
  Object.assign(process.env, {
    LISTEN_HOST: '127.0.0.1',
    LISTEN_PORT: String(port),
    UPSTREAM_HOST: '127.0.0.1',
    UPSTREAM_PORT: String(upstreamPort),
  });
  await import(pathToFileURL(file).href);
  const client = async () => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('hello');
    await once(socket, 'data');
    if (way === 'reset') socket.resetAndDestroy();
    else if (way === 'half-close') {
      socket.end();
      await Promise.race([once(socket, 'end'), new Promise((resolve) => setTimeout(resolve, 200))]);
      socket.destroy();
    } else socket.destroy();
    if (!socket.closed) await once(socket, 'close');
  };
  // the first connection may come before the program listens
  for (let tries = 0; tries < 200; tries++) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    const [up] = await Promise.race([
      once(socket, 'connect').then(() => [true]),
      once(socket, 'close').then(() => [false]),
    ]).catch(() => [false]);
    socket.destroy();
    if (up) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    round: () => Promise.all(Array.from({ length: CLIENTS }, client)),
    // connections that the program keeps stay: a tool may be looking for them
    stop: async () => {
      process.emit('SIGTERM');
      upstream.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
    },
  };
}
