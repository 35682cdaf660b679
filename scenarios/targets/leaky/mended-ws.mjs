// Messages of a WebSocket go on by another one; what stands for the connection goes with it.
import { EventEmitter } from 'node:events';

import { WebSocket, WebSocketServer } from 'ws';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const news = new EventEmitter().setMaxListeners(0);
const clients = new Map();
let connections = 0;

/** Closes a socket as the other one was closed. */
function endWith(one, other) {
  one.on('error', () => undefined);
  one.on('close', (code) => (code === 1006 || code === 1005 ? other.terminate() : other.close(code)));
}

const server = new WebSocketServer({ host: LISTEN_HOST, port: Number(LISTEN_PORT), closeTimeout: 500 });
server.on('connection', (client, request) => {
  const id = ++connections;
  clients.set(id, { client, url: request.url });
  const upstream = new WebSocket(`ws://${UPSTREAM_HOST}:${UPSTREAM_PORT}/`, { closeTimeout: 500 });
  const early = [];
  client.on('message', (data, binary) => {
    const send = () => upstream.send(data, { binary });
    if (upstream.readyState === WebSocket.OPEN) send();
    else early.push(send);
    const onQuiet = () => client.ping();
    news.once('quiet', onQuiet);
    setImmediate(() => news.off('quiet', onQuiet));
  });
  upstream.on('open', () => early.splice(0).forEach((send) => send()));
  upstream.on('message', (data, binary) => client.send(data, { binary }));
  endWith(client, upstream);
  endWith(upstream, client);
  client.on('close', () => clients.delete(id));
});
process.once('SIGTERM', () => process.exit());
