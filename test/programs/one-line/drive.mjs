// Drives a leaky program (scenarios/targets/leaky) in the process of a test: bench/one-line.ts compares tools by it.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const CLIENTS = 4;
const ADDRESS = '127.0.0.1';
/** Programs whose leak shows only if the client resets, half-closes, asks twice over one connection, or is left without an upstream. */
const WAYS = {
  reset: ['socket', 'socket-set', 'file', 'worker', 'only-ended', 'statistics', 'http-abort'],
  'half-close': ['half-open'],
  refused: ['refused'],
  kept: ['kept-listener', 'pooled-listener'],
};
const OVER_HTTP = /^(?:http-|kept-|pooled-|mended-http)/;
const ignore = () => undefined;

const listening = async (server) => {
  await once(server.listen(0, ADDRESS), 'listening');
  return server.address().port;
};

const freePort = async () => {
  const server = net.createServer();
  const port = await listening(server);
  await once(server.close(), 'close');
  return port;
};

/** Starts an upstream and the program. `round` sends traffic; `stop` closes both servers, as the end of a test would. */
export async function start(file) {
  const name = path.basename(file, '.mjs');
  const way = Object.keys(WAYS).find((one) => WAYS[one].includes(name)) ?? 'close';
  const isHttp = OVER_HTTP.test(name);
  const upstream = isHttp ? httpUpstream(way) : tcpUpstream();
  const upstreamPort = way === 'refused' ? await freePort() : await listening(upstream);
  const port = await freePort();
  Object.assign(process.env, {
    LISTEN_HOST: ADDRESS,
    LISTEN_PORT: String(port),
    UPSTREAM_HOST: ADDRESS,
    UPSTREAM_PORT: String(upstreamPort),
  });
  const server = await serverOf(file, port);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const client = isHttp ? httpClient : tcpClient;
  return {
    round: () => Promise.all(Array.from({ length: CLIENTS }, () => client(port, way, agent))),
    // connections that the program keeps stay: a tool may be looking for them
    stop: async () => {
      agent.destroy();
      server.close();
      server.closeIdleConnections?.();
      upstream.close();
      upstream.closeIdleConnections?.();
      await delay(300);
    },
  };
}

/** Imports the program, and gives the server that it opens, without a wrapper that would stand in the stacks of the tools. */
async function serverOf(file, port) {
  await import(pathToFileURL(file).href);
  for (;;) {
    const servers = process._getActiveHandles().filter((one) => one instanceof net.Server);
    const server = servers.find((one) => one.address()?.port === port);
    if (server !== undefined) return server;
    await delay(10);
  }
}

function tcpUpstream() {
  return net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', ignore).on('data', (data) => socket.write(data));
    socket.on('end', () => socket.end());
  });
}

async function tcpClient(port, way) {
  const socket = net.connect({ port, host: ADDRESS, allowHalfOpen: true }).on('error', ignore);
  await once(socket, 'connect');
  if (way === 'refused') {
    // the client keeps its connection: a program that lets it go ends it
    await Promise.race([once(socket.resume(), 'end'), delay(200)]);
    return;
  }
  socket.write('hello');
  await once(socket, 'data');
  if (way === 'reset') socket.resetAndDestroy();
  else if (way === 'half-close') await Promise.race([once(socket.end(), 'end'), delay(200)]);
  if (!socket.destroyed) socket.destroy();
  if (!socket.closed) await once(socket, 'close');
}

function httpUpstream(way) {
  return http.createServer((request, response) => {
    request.resume();
    if (way !== 'reset') response.end('answer');
  });
}

async function httpClient(port, way, agent) {
  const request = http
    .get({ host: ADDRESS, port, agent: way === 'kept' ? agent : false })
    .on('error', ignore);
  if (way === 'reset') {
    await once(request, 'finish');
    await delay(100);
    await new Promise((resolve) => request.on('close', resolve).destroy());
    return;
  }
  const [response] = await once(request, 'response');
  await once(response.resume(), 'end');
}
