// A reverse proxy on fastify and its plugin for that, with their defaults.
const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

// by names from outside, so that their types do not reach those of this project
const [{ fastify }, { default: httpProxy }] = await Promise.all(
  process.argv.slice(2).map((name) => import(name)),
);
const app = fastify();
const host = UPSTREAM_HOST.includes(':') ? `[${UPSTREAM_HOST}]` : UPSTREAM_HOST;
await app.register(httpProxy, { upstream: `http://${host}:${UPSTREAM_PORT}`, websocket: true });
await app.listen({ host: LISTEN_HOST, port: Number(LISTEN_PORT) });
process.once('SIGTERM', () => process.exit());
