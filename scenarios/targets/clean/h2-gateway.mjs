// A gateway for HTTP/2 and HTTP/1.1 on either side: `h2-gateway.mjs FRONT BACK [certificate key]`, each side h2c, h2 or http.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const [front, back, ...files] = process.argv.slice(2);
const [cert, key] = files.map((file) => readFileSync(file));
const host = UPSTREAM_HOST.includes(':') ? `[${UPSTREAM_HOST}]` : UPSTREAM_HOST;

/** Headers about a connection, which are not passed on. */
const OWN = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
  'trailer',
  'expect',
  'host',
]);
const passedOn = (headers) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && !OWN.has(name)));

/** Cancels a stream; Node.js would end its body first, and what is cut short would look whole. */
function cancel(stream, code) {
  if (stream.destroyed || stream.closed) return;
  stream._final = (done) => done();
  stream.close(code);
}

/** A peer that answers no PING for so long is gone. ms */
const ALIVE = 400;

/** Pings the peer of a session, and ends the session when no answer comes. */
function keepAlive(peer) {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered || peer.destroyed) {
      peer.destroy();
      return;
    }
    answered = false;
    try {
      peer.ping(() => (answered = true));
    } catch {
      peer.destroy();
    }
  }, ALIVE);
  peer.once('close', () => clearInterval(timer));
}

const touches = new WeakMap();

/** Ends a session that has had no stream for a while; the function that it returns is told of each stream. */
function endWhenIdle(one, after) {
  let open = 0;
  one.setTimeout(after, () => open === 0 && one.destroy());
  const touch = (stream) => {
    open++;
    stream.once('close', () => open--);
  };
  touches.set(one, touch);
  return touch;
}

const agent = new http.Agent({ keepAlive: true, timeout: 1000 });
let pooled;

/** The session to the upstream: one for all, until it ends or takes no more streams. */
function session() {
  if (pooled !== undefined && !pooled.closed && !pooled.destroyed) return pooled;
  const scheme = back === 'h2' ? 'https' : 'http';
  const opened = http2.connect(
    `${scheme}://${host}:${UPSTREAM_PORT}`,
    back === 'h2' ? { ca: cert, servername: 'a.lastfin.test' } : {},
  );
  opened.setMaxListeners(0);
  opened.on('error', () => undefined);
  opened.once('connect', () => keepAlive(opened));
  endWhenIdle(opened, 2000);
  const forget = () => {
    if (pooled === opened) pooled = undefined;
  };
  opened.once('goaway', forget);
  opened.once('close', forget);
  pooled = opened;
  return opened;
}

/** Sends a request to the upstream; `on` is told of the answer, its interim ones, its trailers and its failure. */
function ask({ method, path, headers, hasBody }, on) {
  if (back === 'http') {
    const outgoing = http.request({
      agent,
      host: UPSTREAM_HOST,
      port: Number(UPSTREAM_PORT),
      method,
      path,
      headers: { ...headers, host: headers.host ?? host },
    });
    outgoing.on('information', ({ statusCode, headers: given }) => on.interim(statusCode, given));
    outgoing.on('response', (answer) => {
      on.answer(answer.statusCode, answer.headers, answer);
      answer.on('end', () => Object.keys(answer.trailers).length > 0 && on.trailers(answer.trailers));
      answer.on('error', () => on.failed());
    });
    outgoing.on('error', () => on.failed());
    return { body: outgoing, leave: () => outgoing.destroy() };
  }
  let outgoing;
  try {
    const upstream = session();
    outgoing = upstream.request(
      { ':method': method, ':path': path, ':authority': headers.host ?? host, ...headers, host: undefined },
      { endStream: !hasBody },
    );
    touches.get(upstream)(outgoing);
  } catch {
    setImmediate(() => on.failed());
    return { body: undefined, leave: () => undefined };
  }
  outgoing.on('headers', (given) => on.interim(given[':status'], given));
  outgoing.on('response', (given) => on.answer(given[':status'], given, outgoing));
  outgoing.on('trailers', (given) => on.trailers(given));
  outgoing.on('error', () => on.failed());
  outgoing.on('close', () => outgoing.rstCode !== 0 && on.failed());
  return {
    body: hasBody ? outgoing : undefined,
    leave: () => cancel(outgoing, http2.constants.NGHTTP2_CANCEL),
  };
}

function forwardStream(stream, headers, flags) {
  const hasBody = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) === 0;
  let trailers;
  let failed = false;
  const authority = headers[':authority'] ?? headers.host;
  const request = {
    method: headers[':method'],
    path: headers[':path'],
    hasBody,
    headers: { ...passedOn(headers), host: authority },
  };
  const out = ask(request, {
    interim: (status, given) => {
      if (status > 101 && !stream.destroyed && !stream.headersSent)
        stream.additionalHeaders({ ':status': status, ...passedOn(given) });
    },
    answer: (status, given, body) => {
      if (stream.destroyed || stream.closed || stream.headersSent) {
        out.leave();
        return;
      }
      stream.respond({ ':status': status, ...passedOn(given) }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
      // the failure of a body is told to `failed`
      body.on('data', (chunk) => stream.write(chunk) || body.pause());
      stream.on('drain', () => body.resume());
      body.on('end', () => failed || stream.end());
    },
    trailers: (given) => (trailers = passedOn(given)),
    failed: () => {
      failed = true;
      if (stream.destroyed || stream.closed) return;
      if (stream.headersSent) cancel(stream, http2.constants.NGHTTP2_INTERNAL_ERROR);
      else stream.respond({ ':status': 502 }, { endStream: true });
    },
  });
  stream.on('error', () => undefined);
  // one that has not ended well takes its request along
  stream.once('close', () => out.leave());
  if (out.body === undefined) stream.resume();
  else if (hasBody) {
    stream.on('data', (chunk) => out.body.write(chunk) || stream.pause());
    out.body.on('drain', () => stream.resume());
    stream.on('end', () => stream.aborted || stream.rstCode !== 0 || out.body.end());
  } else out.body.end();
}

function forwardMessage(request, response) {
  const { method, url: path, socket } = request;
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  const out = ask(
    { method, path, hasBody, headers: { ...passedOn(request.headers), host: request.headers.host } },
    {
      interim: (status, given) => {
        if (status === 103 && !response.headersSent) response.writeEarlyHints({ link: given.link ?? [] });
      },
      answer: (status, given, body) => {
        if (response.destroyed || response.headersSent) {
          out.leave();
          return;
        }
        try {
          response.writeHead(status, passedOn(given));
        } catch {
          out.leave();
          response.destroy();
          return;
        }
        body.on('data', (chunk) => response.write(chunk) || body.pause());
        response.on('drain', () => body.resume());
        body.on('end', () => (body.rstCode ?? 0) === 0 && response.end());
      },
      trailers: (given) => response.addTrailers(passedOn(given)),
      failed: () => {
        if (response.headersSent) response.destroy();
        else response.writeHead(502, { connection: 'close' }).end();
      },
    },
  );
  const leave = () => out.leave();
  socket.once('close', leave);
  response.once('close', () => {
    socket.off('close', leave);
    if (!response.writableFinished) leave();
  });
  if (out.body === undefined) request.resume();
  else pipeline(request, out.body, () => undefined);
}

function createServer() {
  if (front === 'http') return http.createServer(forwardMessage);
  const server =
    front === 'h2' ? http2.createSecureServer({ cert, key, handshakeTimeout: 1000 }) : http2.createServer();
  server.on('stream', forwardStream);
  server.on('session', (one) => {
    one.on('error', () => undefined);
    keepAlive(one);
    const touch = endWhenIdle(one, 3000);
    one.on('stream', touch);
  });
  server.on('tlsClientError', (_, client) => client.destroy());
  return server;
}

const server = createServer();
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
