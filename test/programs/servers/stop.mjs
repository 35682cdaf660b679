// A server that stops taking connections on SIGTERM; the argument `leaky` leaves those it has to their clients.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const isLeaky = process.argv[2] === 'leaky';

const server = http.createServer((request, response) => {
  request.resume();
  request.once('end', () => response.end('hello'));
});
// as Node did before 19, and as every server does that answers longer than it is asked to live
server.closeIdleConnections = isLeaky ? () => {} : server.closeIdleConnections;
server.keepAliveTimeout = 60_000;
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close();
  if (!isLeaky) setTimeout(() => server.closeAllConnections(), 200);
});
