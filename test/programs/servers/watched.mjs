// A server whose requests leak on demand, and that tells whether a probe is in its process.
import http from 'node:http';
import net from 'node:net';

const seen = new Map();
const { connect } = net.Socket.prototype;
const create = Object.create;
const server = http.createServer((request, response) => {
  if (request.url === '/timer') setInterval(() => seen.size, 60_000).unref(); // leak: timer
  if (request.url === '/collection') seen.set(seen.size, request.url); // leak: collection
  const isAsItWas =
    net.Socket.prototype.connect === connect &&
    Object.create === create &&
    !Object.getOwnPropertyNames(globalThis).some((name) => name.startsWith('lastfin'));
  response.setHeader('connection', 'close');
  response.end(String(isAsItWas));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
