// A server of HTTP/2 by requests and responses, each of which asks a slow store first and can be given up.
import { once } from 'node:events';
import http2 from 'node:http2';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { stopAtSignal } from './stop-h2.mjs';

const { LISTEN_HOST, LISTEN_PORT } = process.env;
const underWay = new Map();
let number = 0;

function* rows() {
  for (let row = 0; row < 400; row++) yield `${row} ${'x'.repeat(500)}\n`;
}

async function answer(request, response, signal) {
  request.resume();
  if (!request.readableEnded) await once(request, 'end', { signal });
  await sleep(20, undefined, { signal });
  response.writeHead(200, { 'content-type': 'text/plain' });
  await pipeline(Readable.from(rows()), response, { signal });
}

const server = http2.createServer((request, response) => {
  const id = ++number;
  const given = new AbortController();
  underWay.set(id, request.url);
  response.once('close', () => given.abort());
  answer(request, response, given.signal)
    .catch(() => response.stream?.close(http2.constants.NGHTTP2_CANCEL))
    .finally(() => underWay.delete(id));
});

stopAtSignal(server);
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
