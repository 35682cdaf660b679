/**
 * A peer of the reference proxy that sends a part of a head, and reads nothing; afterwards garbage is collected. Prints `alive` at the end.
 *
 *   node --expose-gc half-heads.mjs client|upstream leaves|stop
 */
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';

import { generate } from 'selfsigned';

import { TcpProxy } from '../../dist/proxy/index.js';

const [, , peer, how] = process.argv;
const LARGE = Buffer.alloc(32 * 1024 * 1024);
const LOOPBACK = '127.0.0.1';
const NAME = 'localhost';
const ROUNDS = 5;

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const text = (value) => Buffer.from([value.length, ...Buffer.from(value)]);
/** Field in HPACK's literal form (RFC 7541, 6.2.2). */
const literal = (name, value) => Buffer.concat([Buffer.from([0]), text(name), text(value)]);
/** SETTINGS_INITIAL_WINDOW_SIZE and WINDOW_UPDATE: only the kernel's buffers hold bytes back. */
const SETTINGS = Buffer.concat([
  frame(4, 0, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])),
  frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0, 0])),
]);
const FIELDS = Buffer.concat([literal('x-a', 'v'.repeat(100)), literal('x-b', 'w'.repeat(100))]);
const POST = Buffer.concat([Buffer.from([0x83, 0x84, 0x87]), literal(':authority', NAME)]);

const { cert: certificate, private: key } = await generate([{ name: 'commonName', value: NAME }], {
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: NAME }] }],
});

async function until(isSo) {
  const end = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not within 20 s: ${isSo}`);
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}

/** Waits until nobody takes any more of what a socket has written. */
async function untilStuck(socket) {
  let [written, looks] = [-1, 0];
  await until(() => {
    looks = socket.bytesWritten === written && written > 0 ? looks + 1 : 0;
    written = socket.bytesWritten;
    return looks === 20;
  });
}

async function startProxy(upstream, protocol) {
  const route = {
    mode: 'tls-terminate',
    name: 'web',
    hosts: [NAME],
    certificate,
    key,
    upstreamProtocol: protocol,
  };
  const proxy = new TcpProxy(
    {
      grace: 100,
      shutdownGrace: 100,
      listeners: [
        {
          name: 'l',
          listen: { host: LOOPBACK, port: 0 },
          routes: [{ ...route, upstreams: [{ host: LOOPBACK, port: upstream.address().port }] }],
        },
      ],
    },
    { logger: { info() {}, warn() {}, error() {} } },
  );
  const [{ port }] = await proxy.listen();
  return { proxy, port };
}

async function connect(port) {
  const socket = tls.connect({
    port,
    host: LOOPBACK,
    servername: NAME,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** Listens with a handler; `open` are its connections. */
async function listen(onSocket) {
  const open = new Set();
  const server = net.createServer((socket) => {
    open.add(socket.on('error', () => {}).once('close', () => open.delete(socket)));
    onSocket(socket);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return { server, open };
}

/** The client asks for more than it reads, and begins the trailers of its request. */
async function byClient() {
  const { server, open } = await listen((socket) => {
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE.length}\r\n\r\n`);
      socket.end(LARGE);
    });
  });
  const { proxy, port } = await startProxy(server, 'http/1.1');
  const client = await connect(port);
  client.pause();
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  client.write(Buffer.concat([preface, SETTINGS, frame(1, 4, 1, POST), frame(1, 1, 1, FIELDS)]));
  await until(() => open.size === 1);
  await untilStuck([...open][0]);
  if (how === 'leaves') {
    client.destroy();
    await until(() => proxy.metrics().http.streams === 0);
  }
  await proxy.close();
  client.destroy();
  server.close();
}

/** The upstream begins its answer, and does not read the request. */
async function byUpstream() {
  let isHalf = false;
  const { server, open } = await listen((socket) => {
    let read = Buffer.alloc(0);
    socket.write(Buffer.concat([SETTINGS, frame(4, 1, 0)]));
    socket.on('data', (chunk) => {
      read = Buffer.concat([read, chunk]);
      // type, flags (END_HEADERS) and stream
      if (!read.includes(Buffer.from([1, 4, 0, 0, 0, 1]))) return;
      socket.pause();
      socket.write(frame(1, 0, 1, Buffer.concat([Buffer.from([0x88]), FIELDS])), () => (isHalf = true));
    });
  });
  const { proxy, port } = await startProxy(server, 'h2');
  const socket = await connect(port);
  const session = http2.connect(`https://${NAME}`, { createConnection: () => socket });
  const stream = session.on('error', () => {}).request({ ':method': 'POST' }, { endStream: false });
  stream.on('error', () => {}).write(LARGE);
  await until(() => isHalf);
  await untilStuck(socket);
  if (how === 'leaves') {
    socket.destroy();
    await until(() => proxy.metrics().http.streams === 0);
  }
  await proxy.close();
  socket.destroy();
  for (const one of open) one.destroy();
  server.close();
}

for (let round = 0; round < ROUNDS; round += 1) await (peer === 'client' ? byClient() : byUpstream());
for (let round = 0; round < ROUNDS; round += 1) {
  globalThis.gc();
  await new Promise((resolve) => void setTimeout(resolve, 20));
}
process.stdout.write('alive\n');
process.exit();
