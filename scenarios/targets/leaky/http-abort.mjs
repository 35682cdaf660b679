// A request to the upstream goes on when the client that it was made for has gone.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = http.createServer((request, response) => {
  const { method, url, headers } = request;
  const options = { host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), method, path: url, headers };
  const outgoing = http.request({ ...options, agent: false }, (answer) => {
    // leak: socket
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
