// A server of HTTP/2 by streams: node h2-streams.mjs lets-go|holds
//   lets-go: the state of a stream goes with it; holds: only once its request has ended
import http2 from 'node:http2';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const [how] = process.argv.slice(2);
const ANSWER = Buffer.alloc(200_000, 'answer');
const states = new Map();
const sessions = new Set();
const sockets = new Set();
let number = 0;

const server = http2.createServer();
server.on('session', (session) => {
  sessions.add(session);
  session.on('error', () => {});
  session.once('close', () => sessions.delete(session));
});
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
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close();
  for (const session of sessions) session.close();
  // a client that does not end its half keeps a socket whose session is over
  setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, 300).unref();
});
