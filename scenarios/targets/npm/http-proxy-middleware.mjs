// The middleware alone, as an HTTP server's only one.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const { default: middleware } = await import(process.argv[2]);
const host = UPSTREAM_HOST.includes(':') ? `[${UPSTREAM_HOST}]` : UPSTREAM_HOST;
const proxy = middleware({
  target: `http://${host}:${UPSTREAM_PORT}`,
  ws: true,
  logLevel: 'silent',
});
const notFound = (response) => response.writeHead(404).end();
http
  .createServer((request, response) => proxy(request, response, () => notFound(response)))
  .listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
