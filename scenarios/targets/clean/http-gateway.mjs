// A gateway with a pool of up to 50 kept connections and a cache of the last 200 entity tags: it fills up more slowly than rounds grow.
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
const tags = new Map();
let requests = 0;

const server = http.createServer((request, response) => {
  const { method, url, socket } = request;
  const { trailer: _, ...headers } = request.headers;
  tags.set(`${url}#${++requests}`, Date.now());
  if (tags.size > 200) tags.delete(tags.keys().next().value);
  const outgoing = http.request(
    { agent, host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), method, path: url, headers },
    (answer) => {
      incoming = answer;
      // Node.js throws for a status or a header that may not be passed on, and for trailers where there can be none
      delete answer.headers.trailer;
      try {
        response.writeHead(answer.statusCode, answer.headers);
      } catch {
        answer.destroy();
        response.writeHead(502, { connection: 'close' }).end();
        return;
      }
      pipeline(answer, response, () => undefined);
    },
  );
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { connection: 'close' }).end();
  });
  let incoming;
  // not the response: one that waits behind another is never told that the client has gone
  const leave = () => {
    // before its request: Node.js 26 keeps the socket of a request that is destroyed with its whole answer there but not read
    incoming?.destroy();
    outgoing.destroy();
  };
  socket.once('close', leave);
  outgoing.on('close', () => socket.off('close', leave));
  pipeline(request, outgoing, () => undefined);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
