// A server in the way of express: middleware, a body that is read whole, large answers, an error page.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const middleware = [
  (request, response, next) => {
    response.setHeader('x-request', String(Date.now()));
    next();
  },
  (request, response, next) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.once('end', () => {
      request.body = Buffer.concat(chunks);
      next();
    });
    request.once('error', next);
  },
  (request, response, next) =>
    request.url === '/' ? response.end(Buffer.alloc(4 * 1024 * 1024, request.method)) : next(),
];
const handle = (request, response) => {
  const run = (index, error) => {
    const layer = error ? undefined : middleware[index];
    if (layer) return layer(request, response, (failed) => run(index + 1, failed));
    if (!response.headersSent) response.writeHead(error ? 400 : 404);
    return response.end();
  };
  run(0);
};
const server = http.createServer(handle);
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close();
  setTimeout(() => server.closeAllConnections(), 200);
});
