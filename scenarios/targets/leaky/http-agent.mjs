// Connections to the upstream are pooled; each request is told when one of them is free, and goes on listening for ever.
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
agent.setMaxListeners(0);

const server = http.createServer((request, response) => {
  const { method, url, headers } = request;
  const asked = performance.now();
  let waited;
  agent.on('free', () => (waited ??= performance.now() - asked)); // leak: listener
  const options = { agent, host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), method, path: url, headers };
  const outgoing = http.request(options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => response.writableFinished || outgoing.destroy());
  request.pipe(outgoing);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
