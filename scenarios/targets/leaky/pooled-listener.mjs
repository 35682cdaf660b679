// Connections to the upstream are pooled; each request listens to the time-out of the one that it is given, and goes on listening for ever.
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const agent = new http.Agent({ keepAlive: true });

const server = http.createServer((request, response) => {
  const { method, url, headers } = request;
  const options = { agent, host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), method, path: url, headers };
  const outgoing = http.request(options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  outgoing.on('socket', (socket) => {
    socket.setMaxListeners(0);
    socket.on('timeout', () => response.destroy()); // leak: listener
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => response.writableFinished || outgoing.destroy());
  request.pipe(outgoing);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
