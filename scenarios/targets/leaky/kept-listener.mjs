// Clients keep their connections; each request listens to the end of the one that it came by, and goes on listening for ever.
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = http.createServer((request, response) => {
  const { method, url, headers } = request;
  const options = {
    agent: false,
    host: UPSTREAM_HOST,
    port: Number(UPSTREAM_PORT),
    method,
    path: url,
    headers,
  };
  const outgoing = http.request(options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  outgoing.on('error', () => response.destroy());
  request.socket.on('close', () => outgoing.destroy()); // leak: listener
  request.pipe(outgoing);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
