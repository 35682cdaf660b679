// A gateway that has two connections to its upstream at the most: other requests wait for their turn.
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });

const server = http.createServer((request, response) => {
  const { method, url: path, headers } = request;
  const outgoing = http.request({ agent, host: UPSTREAM_HOST, port: UPSTREAM_PORT, method, path, headers });
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
