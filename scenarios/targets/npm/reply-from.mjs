// A reverse proxy on fastify 3 and the version of fastify-reply-from that is named, which keeps a pool for each request if it leaks.
const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

// by names from outside, so that their types do not reach those of this project
const [{ default: fastify }, { default: replyFrom }] = await Promise.all(
  process.argv.slice(2).map((name) => import(name)),
);
const app = fastify();
// bodies pass as they are, whatever they are
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
// no `base`: the upstream is named with each request
app.register(replyFrom, { undici: { keepAliveTimeout: 600_000, connections: 64 } });
const host = UPSTREAM_HOST.includes(':') ? `[${UPSTREAM_HOST}]` : UPSTREAM_HOST;
app.all('/*', (request, reply) => reply.from(`http://${host}:${UPSTREAM_PORT}${request.url}`));
await app.listen({ host: LISTEN_HOST, port: Number(LISTEN_PORT) });
process.once('SIGTERM', () => process.exit());
