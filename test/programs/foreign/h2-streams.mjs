// A server of HTTP/2 by streams: node h2-streams.mjs lets-go|holds
//   lets-go: the state of a stream goes with it; holds: only once its request has ended
import http2 from 'node:http2';

import { stopAtSignal } from './stop-h2.mjs';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const [how] = process.argv.slice(2);
const ANSWER = Buffer.alloc(200_000, 'answer');
const states = new Map();
let number = 0;

const server = http2.createServer();
server.on('stream', (stream, { ':method': method, ':path': path }) => {
  const id = ++number;
  states.set(id, { method, path, bytes: 0 }); // leak: collection
  const letGo = () => states.delete(id);
  stream.on('error', () => {});
  if (how === 'lets-go') stream.once('close', letGo);
  stream.on('data', (chunk) => (states.get(id).bytes += chunk.length));
  stream.once('end', () => {
    if (stream.destroyed || stream.closed) return;
    if (how === 'holds') letGo();
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    stream.end(ANSWER);
  });
});

stopAtSignal(server);
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
