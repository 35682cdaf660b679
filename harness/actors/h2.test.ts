import { afterEach, expect, test } from 'vitest';

import type { ConnectionSeen } from '../journal/entry.ts';
import { type Certificates, createCertificates } from '../lab/certificates.ts';
import { Teardown } from '../lab/teardown.ts';
import type { Step } from '../scenario/step.ts';
import { TRANSPORT_WORDS, type TransportWord } from '../scenario/transport.ts';
import { freePort } from './testing/free-port.ts';
import { Client } from './client.ts';
import { roundAlone } from './testing/round-alone.ts';
import { Upstream } from './upstream.ts';

// The client and the upstream of the harness speak with each other, with nothing between them.

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

type Talk = { word?: TransportWord; count?: number; streams?: number; deadline?: number };

/** Runs both scripts; the connections as both sides saw them, before anything is released. */
async function talk(
  client: Step[],
  upstream: Step[],
  { word = 'h2c', count = 1, streams = 1, deadline = 5000 }: Talk = {},
): Promise<{ clients: ConnectionSeen[]; upstreams: ConnectionSeen[]; sockets: number }> {
  const transport = TRANSPORT_WORDS[word];
  const address = { host: '127.0.0.1', port: await freePort() };
  const pem = 'tls' in transport ? (await createCertificates(teardown)).pem : undefined;
  const lab: { pem: Certificates['pem'] | undefined; upstream: typeof address } = { pem, upstream: address };
  const server = new Upstream({ address, transport, lab });
  teardown.add('the upstream', () => server.close());
  await server.listen();
  const actor = new Client({
    address,
    transport,
    lab,
    server: false,
    sample: undefined,
    pending: () => 0,
    notesSource: false,
  });
  teardown.add('the client', () => actor.release());
  const round = roundAlone(count);
  const errors: unknown[] = [];
  server.serve({ round, script: upstream, deadline }, (error) => errors.push(error));
  const script: Step[] = [{ kind: 'open' }, ...client];
  await actor.run(round, [{ count, concurrent: count, streams, script }], { deadline, anyBytes: false });
  await server.scriptsDone();
  expect(errors).toEqual([]);
  return {
    clients: actor.connections.map((one) => one.describe()),
    upstreams: server.connections.map((one) => one.describe()),
    sockets: new Set(actor.connections.map(({ socket }) => socket)).size,
  };
}

const request = (body = 0, more: object = {}): Step => ({
  kind: 'request',
  request: { method: body > 0 ? 'POST' : 'GET', path: '/', headers: {}, body, ...more },
});
const respond = (body = 0, more: object = {}): Step => ({
  kind: 'respond',
  response: { status: 200, headers: {}, body, ...more },
});
const answered = (more: object = {}): Step => ({
  kind: 'expect-response',
  statuses: [200],
  whole: true,
  ...more,
});
const ASKED: Step = { kind: 'expect-request' };
const CLOSE: Step = { kind: 'close' };

const failures = (seen: ConnectionSeen[]): unknown[] => seen.flatMap(({ failure = [] }) => failure);

test.each(['h2c', 'h2'] as const)(
  'over %s a script has a stream for each request, on a connection of its own',
  async (word) => {
    const script = [request(4096), answered(), request(), answered(), CLOSE];
    const { clients, upstreams, sockets } = await talk(script, [ASKED, respond(4096)], { word, count: 3 });
    expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
    expect(clients.map(({ sent, received, wrong, seen }) => ({ sent, received, wrong, seen }))).toEqual(
      Array.from({ length: 3 }, () => ({ sent: 4096, received: 8192, wrong: undefined, seen: 'end' })),
    );
    expect([upstreams.length, sockets]).toEqual([6, 3]);
  },
);

test('several scripts share a connection, and the last one to close ends it', async () => {
  const { clients, upstreams, sockets } = await talk([request(64), answered(), CLOSE], [ASKED, respond(64)], {
    count: 10,
    streams: 4,
  });
  expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
  expect([upstreams.length, sockets]).toEqual([10, 3]);
  expect(clients.map(({ did }) => did)).toEqual(Array(10).fill('closed'));
});

test.each(['h2c', 'h2'] as const)(
  'over %s trailers and interim answers come as they were sent',
  async (word) => {
    const { clients, upstreams } = await talk(
      [
        request(10, { trailers: { 'x-end': 'asked' } }),
        { kind: 'expect-response', statuses: [103], whole: false, headers: { link: '</a.css>' } },
        answered({ headers: { 'x-a': '1' }, trailers: { 'grpc-status': '0' } }),
        request(),
        answered({ trailers: { 'grpc-status': '0' } }),
        CLOSE,
      ],
      [
        ASKED,
        respond(0, { status: 103, headers: { link: '</a.css>' } }),
        respond(100, { headers: { 'x-a': '1' }, trailers: { 'grpc-status': '0' } }),
      ],
      { word },
    );
    expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
    expect(clients[0]).toMatchObject({ received: 200, seen: 'end' });
  },
);

test('trailers of HTTP/1.1 come as they were sent', async () => {
  const chunked = { length: 'chunked', trailers: { 'x-end': '7' } };
  const { clients, upstreams } = await talk(
    [request(10, chunked), answered({ trailers: { 'x-end': '7' } }), request(), answered(), CLOSE],
    [ASKED, respond(100, chunked)],
    { word: 'http' },
  );
  expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
});

const UPLOAD = request(10, { length: 100 });
const DOWNLOAD = respond(10, { length: 100 });
const STARTED: Step = { kind: 'expect-response', statuses: [200], whole: false };
const cancel = (code: 'cancel' | 'refused-stream' | 'no-error' = 'cancel'): Step => ({
  kind: 'cancel',
  code,
});
const CANCELLED: Step = { kind: 'expect-h2', frame: 'cancelled' };

test.each([
  ['in the upload', [UPLOAD, { kind: 'wait', for: { state: 'established', count: 1 } }, cancel()], []],
  ['unanswered', [request(), { kind: 'wait', for: { state: 'established', count: 1 } }, cancel()], [ASKED]],
  ['in the answer', [request(), STARTED, cancel()], [ASKED, DOWNLOAD]],
] as [string, Step[], Step[]][])(
  'the upstream sees what the client cancels %s',
  async (_when, client, upstream) => {
    const { clients, upstreams } = await talk(client, [...upstream, CANCELLED], { streams: 2, count: 2 });
    expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
    expect(upstreams.map(({ seen }) => seen)).toEqual(['rst-cancel', 'rst-cancel']);
    expect(clients.map(({ did, seen }) => [did, seen])).toEqual(
      Array.from({ length: 2 }, () => ['cancelled', 'none']),
    );
  },
);

test.each([
  ['in the upload', [UPLOAD], [{ kind: 'expect', bytes: 10 }, cancel('refused-stream')]],
  ['unanswered', [request()], [ASKED, cancel('refused-stream')]],
  ['in the answer', [request()], [ASKED, DOWNLOAD, { kind: 'send', bytes: 10 }, cancel('refused-stream')]],
] as [string, Step[], Step[]][])(
  'the client sees what the upstream cancels %s',
  async (_when, client, upstream) => {
    const { clients, upstreams } = await talk([...client, { kind: 'expect-failure' }, CANCELLED], upstream);
    expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
    expect(clients[0]?.seen).toBe('rst-refused-stream');
  },
);

test('an answer that its upstream resets without an error is cut, too', async () => {
  const { clients } = await talk(
    [request(), { kind: 'expect-failure' }, CANCELLED],
    [ASKED, DOWNLOAD, { kind: 'send', bytes: 10 }, cancel('no-error')],
  );
  expect(failures(clients)).toEqual([]);
  expect(clients[0]?.seen).toBe('rst-no-error');
});

test('an upstream that has answered may be told that the rest of the request is not needed', async () => {
  const { upstreams } = await talk([UPLOAD, answered(), cancel('no-error')], [respond(10)]);
  expect(upstreams[0]?.seen).toBe('none');
});

test.each(['h2c', 'h2'] as const)('over %s an end of the connection ends all its streams', async (word) => {
  for (const [step, seen] of [
    ['reset', 'reset'],
    ['abandon', 'end'],
  ] as const) {
    const { clients, upstreams } = await talk(
      [request(), { kind: 'expect-failure' }],
      [ASKED, { kind: 'wait', for: { state: 'established', count: 3 } }, { kind: step }],
      { word, count: 3, streams: 3 },
    );
    expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
    expect(clients.map((one) => one.seen)).toEqual(Array(3).fill(seen));
  }
});

test('GOAWAY lets the streams under way end, and takes no new ones', async () => {
  const { clients, upstreams } = await talk(
    [request(), { kind: 'expect-h2', frame: 'goaway' }, answered(), request()],
    [ASKED, { kind: 'goaway', code: 'no-error' }, respond(10)],
  );
  expect(failures(upstreams)).toEqual([]);
  expect(clients[0]?.failure?.message).toMatch(/could not open a stream: /);
});

test('GOAWAY with an error is what the client sees', async () => {
  const { clients } = await talk(
    [request(), { kind: 'expect-failure' }],
    [ASKED, { kind: 'goaway', code: 'enhance-your-calm' }],
  );
  expect(clients[0]?.seen).toBe('goaway-enhance-your-calm');
});

test('a script that stalls keeps its window shut, one that freezes answers nothing', async () => {
  const { upstreams } = await talk(
    [{ kind: 'stall' }, request(), { kind: 'wait', for: { state: 'time', ms: 300 } }, { kind: 'reset' }],
    [ASKED, respond(0, { length: 1_000_000 }), { kind: 'flood' }, CANCELLED],
  );
  expect(upstreams[0]?.seen).toBe('aborted');
  // what had been sent by the abort tells whether somebody held it back
  expect(upstreams[0]?.sentAtEnd).toBe(upstreams[0]?.sent);
  expect(upstreams[0]?.sent).toBeGreaterThan(60_000);
  const frozen = await talk(
    [request(), { kind: 'freeze' }, { kind: 'wait', for: { state: 'time', ms: 300 } }],
    [ASKED, respond(10)],
  );
  expect(frozen.clients[0]?.received).toBe(0);
});

test.each(['client', 'upstream'])(
  'half a head of the %s opens all windows, and nothing more is read',
  async (side) => {
    const LARGE = 1_000_000;
    const pause: Step = { kind: 'wait', for: { state: 'time', ms: 300 } };
    const half: Step[] = [{ kind: 'half-head' }, pause, { kind: 'reset' }];
    const { clients, upstreams } =
      side === 'client'
        ? await talk(
            [request(64, { length: 128 }), ...half],
            [
              { kind: 'expect', bytes: 64 },
              { kind: 'wait', for: { state: 'time', ms: 50 } },
              respond(0, { length: LARGE }),
              { kind: 'flood' },
            ],
          )
        : await talk(
            [
              request(0, { method: 'POST', length: LARGE }),
              { kind: 'flood' },
              { kind: 'expect-ending', ending: 'closed' },
            ],
            [{ kind: 'expect', bytes: 1 }, ...half],
          );
    const [reader, writer] = side === 'client' ? [clients[0], upstreams[0]] : [upstreams[0], clients[0]];
    // the window of a stream and of a connection is 64 KiB by default
    expect(writer?.sent).toBeGreaterThan(100_000);
    expect(reader?.received).toBeLessThan(writer?.sent ?? 0);
  },
);

test('SETTINGS of the upstream make the client wait, and a head that does not end is refused', async () => {
  const limited = await talk(
    [request(), answered(), request(), answered(), CLOSE],
    [
      ASKED,
      { kind: 'wait', for: { state: 'established', count: 4 } },
      { kind: 'settings', settings: { streams: 1, window: 100 } },
      respond(10),
    ],
    { count: 4, streams: 4 },
  );
  expect([...failures(limited.clients), ...failures(limited.upstreams)]).toEqual([]);
  const flooded = await talk(
    [
      { kind: 'continuation', frames: 2000 },
      { kind: 'expect-ending', ending: 'closed' },
    ],
    [],
  );
  expect(failures(flooded.clients)).toEqual([]);
});

test.each([[[]], [[{ kind: 'freeze' }]]] as [Step[]][])(
  'a body that comes together with its head is whole, also on a connection that may freeze (%j)',
  async (last) => {
    const { clients } = await talk(
      [request(), answered(), CLOSE, ...last],
      [ASKED, respond(0, { length: 1_000_000 }), { kind: 'flood' }],
      { count: 3 },
    );
    expect(clients.map(({ wrong, received, failure }) => ({ wrong, received, failure }))).toEqual(
      Array.from({ length: 3 }, () => ({ wrong: undefined, received: 1_000_000, failure: undefined })),
    );
  },
);

test('answers of several streams that come at once are not compared with the pattern', async () => {
  const { clients, upstreams } = await talk(
    [request(), request(), request(), answered(), answered(), answered(), CLOSE],
    [ASKED, { kind: 'wait', for: { state: 'time', ms: 50 } }, respond(100_000)],
  );
  expect([...failures(clients), ...failures(upstreams)]).toEqual([]);
  expect(clients[0]).toMatchObject({ received: 300_000 });
  expect(clients[0]?.wrong).toBeUndefined();
});

test('a connection whose streams were cancelled can be closed', async () => {
  const { clients } = await talk(
    [request(), { kind: 'wait', for: { state: 'established', count: 4 } }, cancel(), CLOSE],
    [ASKED],
    { count: 4, streams: 2 },
  );
  expect(failures(clients)).toEqual([]);
});
