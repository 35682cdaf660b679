// The same with pipeline, which ends both sides together. (nodejs/node 57946)
import http from 'node:http';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;

const server = http.createServer((request, response) => {
  const { method, url, socket } = request;
  const { trailer: _, ...headers } = request.headers;
  let answered;
  const onward = http.request(
    { host: UPSTREAM_HOST, port: UPSTREAM_PORT, method, path: url, headers, agent: false },
    (answer) => {
      answered = answer;
      delete answer.headers.trailer;
      try {
        response.writeHead(answer.statusCode, answer.headers);
      } catch {
        answer.destroy();
        response.writeHead(502, { connection: 'close' }).end();
        return;
      }
      pipeline(answer, response, () => answer.destroy());
    },
  );
  onward.on('error', () => response.destroy());
  // not the response: one that waits behind another is never told that the client has gone
  const leave = () => {
    // the answer first: Node 26 keeps the socket of a request that is destroyed behind a whole answer
    answered?.destroy();
    onward.destroy();
  };
  socket.once('close', leave);
  onward.on('close', () => socket.off('close', leave));
  pipeline(request, onward, () => undefined);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
