import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type net from 'node:net';
import type { Readable } from 'node:stream';

import { afterEach, expect, test } from 'vitest';

import { createCertificates } from '../lab/certificates.ts';
import { Teardown } from '../lab/teardown.ts';
import type { HttpRequest } from '../scenario/step.ts';
import { TRANSPORT_WORDS } from '../scenario/transport.ts';
import { loadRun } from './load/open-load.ts';
import { runClientAlone } from './testing/actors-alone.ts';

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

const TEXT = '{"query":"{ grüße }"}';
const SAMPLE: HttpRequest = {
  method: 'POST',
  path: '/graphql',
  headers: { 'content-type': 'application/json' },
  body: Buffer.byteLength(TEXT),
  text: TEXT,
};

type Asked = { headers: http.IncomingHttpHeaders; method?: string | undefined; url?: string | undefined };

/** A server that keeps what it is asked. */
async function serve(word: Word) {
  const { pem } = await createCertificates(teardown);
  const heard: string[] = [];
  const hear = async (
    request: Readable & Asked,
    response: http.ServerResponse | http2.Http2ServerResponse,
  ): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    heard.push(`${method} ${url} ${headers['content-type']} ${Buffer.concat(chunks).toString()}`);
    response.end('{}');
  };
  const listener = (request: Readable & Asked, response: http.ServerResponse | http2.Http2ServerResponse) =>
    void hear(request, response);
  const { key, certificate: cert } = pem;
  const servers = {
    http: () => http.createServer(listener),
    https: () => https.createServer({ key, cert }, listener),
    h2c: () => http2.createServer(listener),
    h2: () => http2.createSecureServer({ key, cert }, listener),
  };
  const server: net.Server = servers[word]();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.add('the server', () => void server.close());
  return { port: (server.address() as net.AddressInfo).port, heard, pem };
}

const WORDS = ['http', 'https', 'h2c', 'h2'] as const;
type Word = (typeof WORDS)[number];
const WANTED = `POST /graphql application/json ${TEXT}`;

test.each(WORDS)('over %s a server is asked for the text of its sample', async (word) => {
  const { port, heard, pem } = await serve(word);
  const script = [{ kind: 'ask' }, { kind: 'expect-answer' }, { kind: 'close' }] as const;
  const transport = TRANSPORT_WORDS[word];
  const one = await runClientAlone(port, script, { transport, teardown, pem, server: true, sample: SAMPLE });
  expect(one.failure).toBeUndefined();
  expect(heard).toEqual([WANTED]);
});

test.each(WORDS)('over %s the load on a server is that of its sample', async (word) => {
  const { port, heard, pem } = await serve(word);
  const address = { host: '127.0.0.1', port };
  const load = { connections: 2, rate: 50, duration: 200, pipelining: 1, method: 'GET', path: '/' };
  const seen = await loadRun(
    { ...load, body: 0, answer: 64 },
    {
      address,
      transport: TRANSPORT_WORDS[word],
      lab: { pem, upstream: address },
      server: true,
      sample: SAMPLE,
    },
    {
      deadline: 3000,
      signal: new AbortController().signal,
      starved: () => 0,
      journalTime: (at) => at,
    },
  ).run();
  expect(seen.errors).toEqual({});
  expect(new Set(heard)).toEqual(new Set([WANTED]));
});
