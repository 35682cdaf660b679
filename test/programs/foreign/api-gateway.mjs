// A gateway that passes on what begins with /api, for one host and with a token; all else is a 404
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST: host, UPSTREAM_PORT: port } = process.env;

const server = http.createServer((request, response) => {
  const { authorization, host: name } = request.headers;
  const isKnown =
    /^\/api(?:\/|$)/.test(request.url) && name === 'my.host' && authorization === 'Bearer token';
  if (!isKnown) {
    request.resume();
    response.writeHead(404).end();
    return;
  }
  const path = request.url.replace(/^\/api/, '');
  const { method, headers } = request;
  const onward = http.request({ host, port, method, path, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    pipeline(answer, response, () => {});
  });
  onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on('close', () => onward.destroy());
  pipeline(request, onward, () => {});
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
