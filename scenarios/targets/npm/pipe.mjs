// A response is piped to its client; a client that leaves does not end the response of the upstream. (nodejs/node 57946)
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = http.createServer((request, response) => {
  const { method, url, headers } = request;
  const onward = http.request(
    { host: UPSTREAM_HOST, port: UPSTREAM_PORT, method, path: url, headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  request.pipe(onward);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
