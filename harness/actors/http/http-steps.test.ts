import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

import { afterEach, expect, test, vi } from 'vitest';

import { Teardown } from '../../lab/teardown.ts';
import { type Transport, TRANSPORT_WORDS, PLAIN } from '../../scenario/transport.ts';
import { GET_ROOT, type SampleRequest } from '../../scenario/sample-request.ts';
import type { Step } from '../../scenario/step.ts';
import type { ActorConnection } from '../actor-connection.ts';
import { runClientAlone, startUpstreamAlone } from '../testing/actors-alone.ts';

let teardown = new Teardown();

afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

/** Runs a script against a server as its only client. */
async function talk(
  server: net.Server,
  script: Step[],
  {
    transport = TRANSPORT_WORDS.http,
    deadline = 2000,
    ...options
  }: { transport?: Transport; sample?: SampleRequest; deadline?: number; streamsAnswers?: boolean } = {},
): Promise<ActorConnection> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.add('the server', () => void server.close());
  const { port } = server.address() as net.AddressInfo;
  return runClientAlone(port, script, { transport, teardown, deadline, server: true, ...options });
}

const ASK: Step[] = [{ kind: 'ask' }, { kind: 'expect-answer' }];
const REQUEST: Step = { kind: 'request', request: GET_ROOT };

test('the end of an answer without a length is the end of the connection', async () => {
  const connection = await talk(
    net.createServer((socket) => {
      socket.resume().once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
    }),
    [
      REQUEST,
      { kind: 'expect-response', statuses: [400], whole: true },
      { kind: 'expect-ending', ending: 'end' },
    ],
  );
  expect(connection.describe().failure).toBeUndefined();
  expect(connection.seen).toBe('end');
});

test.each([
  [599, undefined],
  [404, 'expected a response 200 or 5xx, 404 came'],
] as const)('any status of a class will do where the class is wanted: %s', async (status, failure) => {
  const connection = await talk(
    http.createServer((_, response) => response.writeHead(status).end()),
    [REQUEST, { kind: 'expect-response', statuses: [200, '5xx'], whole: true }],
  );
  if (failure === undefined) expect(connection.failure).toBeUndefined();
  else expect(connection.failure?.message).toContain(failure);
});

test('a raw request of a forward proxy names what its other requests name', async () => {
  const heard: (string | undefined)[] = [];
  const server = http.createServer(({ url, headers }, response) => {
    heard.push(url, headers.host);
    response.end();
  });
  const raw: Step = { kind: 'raw', text: 'GET {{origin}}/x HTTP/1.1\r\nHost: {{host}}\r\n\r\n' };
  const answered: Step = { kind: 'expect-response', statuses: [200], whole: true };
  const script: Step[] = [REQUEST, answered, raw, answered];
  const connection = await talk(server, script, { transport: TRANSPORT_WORDS['http-absolute'] });
  expect(connection.failure).toBeUndefined();
  expect(heard[0]).toMatch(/^http:/);
  expect(heard.slice(2)).toEqual([`${heard[0]}x`, heard[1]]);
});

test.each([
  ['an end is taken for an answer, and fails nothing', true, undefined],
  ['no end is expected, and fails', undefined, { step: 'request', index: 4 }],
] as const)('a request on a connection that was reset, where %s', async (_, orEnd, failure) => {
  const post: Step = { kind: 'request', request: { ...GET_ROOT, method: 'POST', body: 1024 } };
  const answered: Step = {
    kind: 'expect-response',
    statuses: [502],
    whole: true,
    ...(orEnd && { orEnd }),
  };
  const connection = await talk(
    net.createServer((socket) => {
      socket.resume().once('data', () => {
        socket.write('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n', () => socket.resetAndDestroy());
      });
    }),
    [post, answered, { kind: 'expect-ending', ending: 'reset' }, post, answered],
  );
  if (failure === undefined) expect(connection.failure).toBeUndefined();
  else expect(connection.failure).toMatchObject(failure);
});

test('a server is asked as often as it answers, and its own words are not checked', async () => {
  const connection = await talk(
    http.createServer((_request, response) => response.end('hello')),
    [...ASK, ...ASK, { kind: 'close' }],
  );
  expect(connection.describe()).toMatchObject({ received: 10, seen: 'end' });
  expect(connection.describe().wrong).toBeUndefined();
  expect(connection.failure).toBeUndefined();
});

test('a server that ends the connection after an answer is not asked again', async () => {
  const server = http.createServer((_request, response) =>
    response.writeHead(200, { connection: 'close' }).end('x'),
  );
  expect(
    (await talk(server, [...ASK, { kind: 'expect-ending', ending: 'end' }, ...ASK])).failure,
  ).toBeUndefined();
});

/** Server of HTTP/2 that ends a connection behind this many streams, and takes none at all with 0. */
function turningAway(after: number): net.Server {
  const server = http2.createServer((_request, response) => response.end('x'));
  return server.on('session', (session) => {
    let asked = 0;
    if (after === 0) session.goaway(0);
    session.on('stream', (stream) => stream.once('close', () => void (++asked === after && session.close())));
  });
}

test.each([
  ['after an answer is not asked again', 1, undefined],
  ['before any answer has given none', 0, 'the server took no stream (GOAWAY)'],
])('a server that takes no more streams %s', async (_, after, failure) => {
  const goaway: Step = { kind: 'expect-h2', frame: 'goaway' };
  const last: Step = { kind: 'expect-response', statuses: ['2xx'], whole: true, orEnd: true };
  const script: Step[] = [
    ...(after === 0 ? [] : ASK),
    goaway,
    ...ASK,
    { kind: 'ask' },
    last,
    { kind: 'close' },
  ];
  const transport = TRANSPORT_WORDS.h2c;
  const connection = await talk(turningAway(after), script, { transport, sample: GET_ROOT });
  if (failure === undefined) expect(connection.failure).toBeUndefined();
  else expect(connection.failure?.message).toContain(failure);
});

test('no answer, and one that breaks off, are failures of the step', async () => {
  const none = await talk(
    net.createServer((socket) => socket.once('data', () => socket.end())),
    ASK,
  );
  expect(none.failure?.message).toContain('expected an answer, none came');
  const half = net.createServer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx')),
  );
  expect((await talk(half, ASK)).failure?.message).toContain('the answer 200 was cut short');
});

test('over bytes the first byte is an answer, and without a sample nothing is said', async () => {
  const echo = (): net.Server => net.createServer((socket) => socket.on('error', () => {}).pipe(socket));
  const asked = await talk(echo(), [...ASK, ...ASK], { transport: PLAIN, sample: 'PING\r\n' });
  expect(asked).toMatchObject({ failure: undefined, received: 12 });
  const silent = await talk(echo(), ASK, { transport: PLAIN, sample: undefined });
  expect(silent.describe()).toMatchObject({ received: 0 });
});

test.each([
  ['an error of a gateway', 'HTTP/1.1 502 Bad\r\ncontent-length: 0\r\n\r\n', undefined],
  ['an end without an answer', '', undefined],
  ['a broken answer', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx', undefined],
  ['a whole answer', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx', 'a whole answer 200 came'],
])('%s: whether the request has failed', async (_what, answer, failure) => {
  const server = net.createServer((socket) => socket.once('data', () => socket.end(answer)));
  const connection = await talk(server, [REQUEST, { kind: 'expect-failure' }]);
  if (failure === undefined) expect(connection.failure).toBeUndefined();
  else expect(connection.failure?.message).toContain(failure);
});

test('interim answers are passed over unless they are asked for', async () => {
  const answer = 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n';
  const server = (): net.Server =>
    net.createServer((socket) => socket.once('data', () => socket.write(answer)));
  const step = (status: number): Step => ({ kind: 'expect-response', statuses: [status], whole: true });
  expect((await talk(server(), [REQUEST, step(204)])).failure).toBeUndefined();
  expect((await talk(server(), [REQUEST, step(103), step(204)])).failure).toBeUndefined();
});

test('a flood ends with the length of its message', async () => {
  const server = http.createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.once('end', () => response.end(String(bytes)));
  });
  const request: Step = { kind: 'request', request: { ...GET_ROOT, method: 'POST', length: 300_000 } };
  const connection = await talk(server, [request, { kind: 'flood' }, { kind: 'expect-answer' }]);
  expect(connection.describe()).toMatchObject({ sent: 300_000, received: '300000'.length });
});

test('a literal body goes out and comes back as it stands', async () => {
  const bodies: string[] = [];
  const server = http.createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(String(chunk))).on('end', () => response.end('ok'));
  });
  const request: Step = {
    kind: 'request',
    request: { method: 'POST', path: '/', headers: {}, body: 7, text: '{"a":1}' },
  };
  const connection = await talk(server, [request, { kind: 'expect-answer' }, { kind: 'close' }]);
  expect(connection.failure).toBeUndefined();
  expect(bodies).toEqual(['{"a":1}']);
  expect(connection.describe()).toMatchObject({ sent: 7, raw: 7, received: 2 });
});

test('CONNECT is a request like others, whose grant opens a tunnel; a refusal keeps the connection', async () => {
  const proxy = (): http.Server =>
    http.createServer().on('connect', (request, socket) => {
      if (request.url !== 'upstream.test:80') socket.write('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno');
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n');
      socket.pipe(socket);
    });
  const ask = (path: string): Step => ({
    kind: 'request',
    request: { method: 'CONNECT', path, headers: {}, body: 0 },
  });
  const status = (one: number): Step => ({ kind: 'expect-response', statuses: [one], whole: true });
  const steps: Step[] = [ask('upstream.test:80'), status(200), { kind: 'send', bytes: 64 }];
  const connection = await talk(proxy(), [...steps, { kind: 'expect', bytes: 64 }, { kind: 'close' }]);
  expect(connection.failure).toBeUndefined();
  expect(connection.describe()).toMatchObject({ sent: 64, received: 64 });
  expect((await talk(proxy(), [ask('/'), status(403)])).failure).toBeUndefined();
});

test('bytes at a pace come no faster, and all of them', async () => {
  const server = net.createServer((socket) => socket.end('.').resume());
  const pace = { bytes: 8, every: 20 };
  const began = performance.now();
  const connection = await talk(
    server,
    [{ kind: 'send', bytes: 60, pace }, { kind: 'raw', text: 'x'.repeat(16), pace }, { kind: 'close' }],
    { transport: PLAIN },
  );
  // a timer may fire a millisecond early
  expect(performance.now() - began).toBeGreaterThanOrEqual(10 * (pace.every - 1));
  expect(connection.failure).toBeUndefined();
  expect(connection.describe()).toMatchObject({ sent: 76, raw: 16 });
});

test.each([
  { orEnd: true as const, fails: undefined },
  { orEnd: undefined, fails: expect.stringContaining('expected a whole request: saw truncated') as string },
])(
  'a request that breaks off in its body is a failure unless its end will do: $orEnd',
  async ({ orEnd, fails }) => {
    const { port, done } = await startUpstreamAlone(
      [
        { kind: 'expect-request', ...(orEnd === undefined ? {} : { orEnd }) },
        { kind: 'respond', response: { status: 200, headers: {}, body: 0 } },
      ],
      { transport: TRANSPORT_WORDS.http, teardown },
    );
    const socket = net.connect(port, '127.0.0.1');
    socket.end('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe');
    const connection = await vi.waitFor(async () => {
      const first = (await done()) as ActorConnection | undefined;
      if (first?.seen !== 'truncated') throw new Error('the upstream has not seen it yet');
      return first;
    });
    socket.destroy();
    expect(connection.describe()).toMatchObject({ seen: 'truncated' });
    expect(connection.describe().failure?.message).toEqual(fails);
  },
);

test('a script that only opens and leaves says nothing to a server', async () => {
  const bytes: Buffer[] = [];
  const server = net.createServer((socket) => {
    socket.on('data', (chunk) => bytes.push(chunk)).on('end', () => socket.end());
  });
  const connection = await talk(server, [{ kind: 'close' }]);
  expect(connection.describe()).toMatchObject({ seen: 'end' });
  expect(connection.describe().failure).toBeUndefined();
  expect(Buffer.concat(bytes).toString()).toBe('');
});

test.each([
  [true, undefined],
  [false, /^expect a whole answer: not within/],
])(
  'the beginning of an answer that does not end is an answer where answers are known to be streams: %s',
  async (streamsAnswers, failure) => {
    const server = http.createServer((_, response) => void response.write('data: 1\n\n'));
    const connection = await talk(server, ASK, { sample: GET_ROOT, deadline: 300, streamsAnswers });
    const { failure: seen } = connection.describe();
    if (failure === undefined) expect(seen).toBeUndefined();
    else expect(seen?.message).toMatch(failure);
  },
);
