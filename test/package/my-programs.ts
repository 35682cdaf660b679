/** The programs that the target files of README and docs start. */
export const MY_PROGRAMS = {
  'my-proxy.js': `
const net = require('node:net');
const { parseArgs } = require('node:util');

const { values } = parseArgs({ options: { port: { type: 'string' }, to: { type: 'string' } } });
const [host, port] = values.to.split(':');

net
  .createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ host, port, allowHalfOpen: true });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.resetAndDestroy());
    upstream.on('error', () => client.resetAndDestroy());
    client.once('close', () => upstream.destroySoon());
    upstream.once('close', () => client.destroySoon());
  })
  .listen(Number(values.port), '127.0.0.1');
`,
  'my-gateway.js': `
const http = require('node:http');
const { pipeline } = require('node:stream');

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
http
  .createServer((request, response) => {
    const { method, url, headers } = request;
    const options = { host: UPSTREAM_HOST, port: UPSTREAM_PORT, method, path: url, headers, agent: false };
    const outgoing = http.request(options, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      pipeline(answer, response, () => undefined);
    });
    response.once('close', () => outgoing.destroy());
    pipeline(request, outgoing, (error) => {
      if (error && !response.headersSent) response.writeHead(502, { connection: 'close' }).end();
    });
  })
  .listen(Number(LISTEN_PORT), LISTEN_HOST);
`,
  'my-server.js': `
const http = require('node:http');

const { LISTEN_HOST, LISTEN_PORT } = process.env;
http.createServer((request, response) => response.end('hello')).listen(Number(LISTEN_PORT), LISTEN_HOST);
`,
} as const;
