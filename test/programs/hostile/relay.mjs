// A relay that cleans up after itself, and does one hostile act: at its start, after its warm-up, or when it is told to stop.
import net from 'node:net';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT, ACT = 'none', LEAK } = process.env;
const acts = await import('./acts.mjs');
const act = acts[ACT] ?? acts.none;
const WARM_UP = 20;
const upstreamPort = +UPSTREAM_PORT;
const listenPort = +LISTEN_PORT;
const isLeaky = LEAK === 'yes';
const nothing = () => {};
let count = 0;

const setLater = setTimeout;
const server = net.createServer((client) => {
  const upstream = net.connect(upstreamPort, UPSTREAM_HOST);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
  if (isLeaky) setLater(nothing, 600_000).unref();
  act.each?.();
  if (++count === WARM_UP + 5) act.later?.(client);
});
const exit = process.exit.bind(process);
process.on('SIGTERM', () => {
  act.stop?.();
  exit(0);
});
server.listen(listenPort, LISTEN_HOST, () => act.start?.());
