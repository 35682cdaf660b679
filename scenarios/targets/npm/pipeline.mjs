// The same with pipeline, which ends both sides together. (nodejs/node 57946)
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = http.createServer((request, response) => {
  const { method, url, headers } = request;
  const onward = http.request(
    { host: UPSTREAM_HOST, port: UPSTREAM_PORT, method, path: url, headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      pipeline(answer, response, () => answer.destroy());
    },
  );
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  pipeline(request, onward, () => undefined);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
