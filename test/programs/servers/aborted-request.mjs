// A server with a time limit on each request; the argument `leaky` forgets the limit of a request that is given up.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const isLeaky = process.argv[2] === 'leaky';

const server = http.createServer((request, response) => {
  const limit = setTimeout(() => response.destroy(), 60_000); // leak: timer
  request.resume();
  request.once('end', () => {
    clearTimeout(limit);
    response.end('hello');
  });
  if (!isLeaky) request.once('close', () => clearTimeout(limit));
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
