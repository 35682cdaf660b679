// A reverse proxy on fastify and the version of @fastify/reply-from that is named, over HTTP/2 to its upstream.
const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

// by names from outside, so that their types do not reach those of this project
const [{ fastify }, { default: replyFrom }] = await Promise.all(
  process.argv.slice(2, 4).map((name) => import(name)),
);
// its connections of HTTP/2 may be idle for so long, for 72 s by default
const app = fastify({ http2: process.argv[4] === 'h2', http2SessionTimeout: 5000 });
// bodies pass as they are, as @fastify/http-proxy has it
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', (_request, body, done) => done(null, body));
const host = UPSTREAM_HOST.includes(':') ? `[${UPSTREAM_HOST}]` : UPSTREAM_HOST;
app.register(replyFrom, { base: `http://${host}:${UPSTREAM_PORT}`, http2: true });
app.all('/*', (request, reply) => reply.from(request.url));
await app.listen({ host: LISTEN_HOST, port: Number(LISTEN_PORT) });
process.once('SIGTERM', () => process.exit());
