// A reverse proxy on node-http-proxy, or on one of its forks: all have the same interface.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const library = await import(process.argv[2]);
const { createProxyServer } = library.createProxyServer ? library : library.default;
const proxy = createProxyServer({ target: { host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT) }, ws: true });
// as its documentation shows it: what failed is told to the client, as far as that can still be done
proxy.on('error', (_error, _request, response) => {
  // a part of an answer must not look like a whole one
  if (response?.writeHead && !response.headersSent) response.writeHead(502).end();
  else response?.destroy?.();
});
const server = http.createServer((request, response) => proxy.web(request, response));
server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
