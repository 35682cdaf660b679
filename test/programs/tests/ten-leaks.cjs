'use strict';
// Ten of the leaky programs (scenarios/targets/leaky) as functions that a test can call, each with its mended twin. The line that an error
// must name says `// leak: `.
const { execFile, spawn } = require('node:child_process');
const dgram = require('node:dgram');
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');

const connections = new Map();
const history = [];
const reloads = new EventEmitter().setMaxListeners(0);
const shutdown = new AbortController();
EventEmitter.setMaxListeners(0, shutdown.signal);
process.setMaxListeners(0);

/** A server that lives for the body; each of its connections is handed to `serve`, and has ended when this resolves. */
async function withConnection(serve) {
  const server = net.createServer((client) => serve(client.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect(server.address().port, '127.0.0.1');
  client.resume().end('hello');
  await once(client, 'close');
  server.close();
}

const echo = (client, ended = () => undefined) => {
  client.pipe(client);
  client.on('close', ended);
};

exports.leaky = {
  interval: () =>
    withConnection((client) => {
      setInterval(() => client.bytesRead, 60_000).unref(); // leak: timer
      echo(client);
    }),
  collection: () =>
    withConnection((client) => {
      connections.set(client.remotePort, { since: 1 }); // leak: collection
      echo(client);
    }),
  history: () =>
    withConnection((client) => {
      echo(client);
      history.push({ port: client.remotePort }); // leak: collection
    }),
  'process-listener': () =>
    withConnection((client) => {
      process.on('SIGUSR2', () => client.remotePort); // leak: listener
      echo(client);
    }),
  emitter: () =>
    withConnection((client) => {
      reloads.on('reload', () => client.remotePort); // leak: listener
      echo(client);
    }),
  'abort-signal': () =>
    withConnection((client) => {
      shutdown.signal.addEventListener('abort', () => client.destroy()); // leak: listener
      echo(client);
    }),
  server: async () => {
    const server = net.createServer();
    server.unref().listen(0, '127.0.0.1'); // leak: server
    await once(server, 'listening');
  },
  watcher: () =>
    withConnection((client) => {
      fs.watch(__dirname, () => undefined).unref(); // leak: handle
      echo(client);
    }),
  datagram: () =>
    withConnection((client) => {
      const statistics = dgram.createSocket('udp4').unref();
      statistics.bind(0, '127.0.0.1'); // leak: handle
      echo(client);
    }),
  child: () =>
    withConnection((client) => {
      const child = spawn('sleep', ['600'], { stdio: 'ignore' }); // leak: child
      child.unref();
      exports.children.push(child.pid);
      echo(client);
    }),
};

/** Pids for the end of the test: what leaks in this file must not stay on the machine. */
exports.children = [];
exports.children.end = () => exports.children.splice(0).forEach((pid) => process.kill(pid));

exports.mended = {
  interval: () =>
    withConnection((client) => {
      const timer = setInterval(() => client.bytesRead, 60_000);
      echo(client, () => clearInterval(timer));
    }),
  collection: () =>
    withConnection((client) => {
      const { remotePort } = client;
      connections.set(remotePort, { since: 1 });
      echo(client, () => connections.delete(remotePort));
    }),
  history: () =>
    withConnection((client) => {
      history.push({ port: client.remotePort });
      echo(client, () => history.shift());
    }),
  'process-listener': () =>
    withConnection((client) => {
      const write = () => client.remotePort;
      process.on('SIGUSR2', write);
      echo(client, () => process.off('SIGUSR2', write));
    }),
  emitter: () =>
    withConnection((client) => {
      const reload = () => client.remotePort;
      reloads.on('reload', reload);
      echo(client, () => reloads.off('reload', reload));
    }),
  'abort-signal': () =>
    withConnection((client) => {
      const stop = () => client.destroy();
      shutdown.signal.addEventListener('abort', stop);
      echo(client, () => shutdown.signal.removeEventListener('abort', stop));
    }),
  server: async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  },
  watcher: () =>
    withConnection((client) => {
      const watcher = fs.watch(__dirname, () => undefined);
      echo(client, () => watcher.close());
    }),
  datagram: () =>
    withConnection((client) => {
      const statistics = dgram.createSocket('udp4');
      statistics.bind(0, '127.0.0.1');
      echo(client, () => statistics.close());
    }),
  child: async () => {
    await new Promise((resolve) => execFile(process.execPath, ['--version'], resolve));
  },
};

// a test may run some of them only, or none of the leaky ones
const wanted = process.env.LEAKS?.split(',');
if (process.env.MENDED_ONLY === '1') exports.leaky = {};
for (const group of [exports.leaky, exports.mended])
  for (const name of Object.keys(group)) if (wanted && !wanted.includes(name)) delete group[name];

/** Mended twins as [name, body]: each as often as the environment says, and whether they are to run at the same time (bench/repeats.ts). */
const times = Number(process.env.TIMES ?? 1);
/** @type {[string, () => Promise<void>][]} */
exports.repeated = Array.from({ length: times }, (_, time) =>
  Object.entries(exports.mended).map(([name, body]) => [times === 1 ? name : `${name} ${time + 1}`, body]),
).flat();
exports.isParallel = process.env.PARALLEL === '1';
