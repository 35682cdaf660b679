// A gateway without keep-alive: each answer says that its connection ends with it.
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST: host, UPSTREAM_PORT: port } = process.env;

http
  .createServer((request, response) => {
    const { method, url, headers } = request;
    const asked = http.request({ host, port, method, path: url, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, { ...answer.headers, connection: 'close' });
      pipeline(answer, response, () => {});
    });
    pipeline(request, asked, (error) => error && response.destroy());
    response.on('close', () => asked.destroy());
  })
  .listen(Number(LISTEN_PORT), LISTEN_HOST);
