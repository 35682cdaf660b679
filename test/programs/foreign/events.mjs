// A server of events: node events.mjs lets-go|holds
//   lets-go: a client that leaves is forgotten; holds: its listener stays
import { EventEmitter, on } from 'node:events';
import http from 'node:http';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const [how] = process.argv.slice(2);
const news = new EventEmitter().setMaxListeners(0);

async function tell(response, signal) {
  const texts = on(news, 'text', { signal }); // leak: listener
  for await (const [text] of texts) response.write(`data: ${text}\n\n`);
}

const server = http.createServer((request, response) => {
  const left = new AbortController();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': welcome\n\n');
  if (how === 'lets-go') response.on('close', () => left.abort());
  tell(response, left.signal).catch(() => {});
});

server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
