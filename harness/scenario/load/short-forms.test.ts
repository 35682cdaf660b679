import { expect, test } from 'vitest';

import { describeStep } from '../describe/describe.ts';
import { planOne, refusal } from '../testing/plan-text.ts';

const stepsOf = (...steps: string[]) =>
  planOne(`about: x\nclient: [open, ${steps.join(', ')}]\n`).client.slice(1);

test('a time alone is waited for', () => {
  expect(stepsOf('{ wait: 3s }')).toEqual(stepsOf('{ wait: { time: 3s } }'));
  expect(refusal(() => stepsOf('{ wait: 3x }'))).toContain('unknown state `3x`');
  expect(refusal(() => stepsOf('{ wait: 3h }'))).toContain('unknown state `3h`');
  expect(refusal(() => stepsOf('{ wait: { time: 3h } }'))).toContain('from 1ms to 1m');
});

test('bytes at a pace, none at all, and as text', () => {
  const steps = stepsOf('{ send: 64, pace: 10B/100ms }', "{ raw: '' }", "{ raw: 'abc', pace: 1B/1s }");
  expect(steps).toEqual([
    { kind: 'send', bytes: 64, pace: { bytes: 10, every: 100 } },
    { kind: 'raw', text: '' },
    { kind: 'raw', text: 'abc', pace: { bytes: 1, every: 1000 } },
  ]);
  expect(steps.map(describeStep)).toEqual([
    'send 64 bytes, 10 bytes every 100 ms',
    'send ""',
    'send "abc", 1 byte every 1 s',
  ]);
  for (const pace of ['10B', '0B/1s', '1B/1s/1s', 'x'])
    expect(refusal(() => stepsOf(`{ send: 64, pace: ${pace} }`))).toContain('10B/100ms');
});

test('bodies as they stand, and CONNECT with a place of its own', () => {
  expect(
    stepsOf(`{ request: { text: '{"ä":1}' } }`, '{ request: { method: CONNECT, path: a.test:443 } }'),
  ).toEqual([
    { kind: 'request', request: { method: 'POST', path: '/', headers: {}, body: 8, text: '{"ä":1}' } },
    { kind: 'request', request: { method: 'CONNECT', path: 'a.test:443', headers: {}, body: 0 } },
  ]);
  expect(refusal(() => stepsOf('{ request: { path: a.test } }'))).toContain('host:port');
});

test('steps of HTTP/2, alone or with a code', () => {
  const steps = stepsOf(
    'cancel',
    '{ cancel: refused-stream }',
    'goaway',
    '{ settings: { streams: 1, window: 1KiB } }',
    'freeze',
    '{ continuation: 9 }',
    '{ expect: cancelled }',
  );
  expect(steps).toEqual([
    { kind: 'cancel', code: 'cancel' },
    { kind: 'cancel', code: 'refused-stream' },
    { kind: 'goaway', code: 'no-error' },
    { kind: 'settings', settings: { streams: 1, window: 1024 } },
    { kind: 'freeze' },
    { kind: 'continuation', frames: 9 },
    { kind: 'expect-h2', frame: 'cancelled' },
  ]);
  expect(steps.map(describeStep)[1]).toBe('cancel the stream (RST_STREAM refused-stream)');
  expect(refusal(() => stepsOf('{ cancel: refused }'))).toContain('refused-stream');
});

test('messages and control frames of a WebSocket, sent and awaited', () => {
  const steps = stepsOf(
    '{ ws: { binary: 1KiB, fragments: 3 } }',
    '{ ws: { binary: 100, length: 1KiB, masked: false } }',
    "{ ws: { text: 'hi' } }",
    '{ ws: ping }',
    '{ ws: { close: 4001, reason: enough } }',
    '{ ws: close }',
    '{ expect: { ws: { close: [1000, 1001] }, or: closed } }',
    '{ expect: { ws: pong } }',
  );
  expect(steps[1]).toEqual({
    kind: 'ws',
    message: { type: 'binary', bytes: 100, length: 1024, fragments: 1, masked: false },
  });
  expect(steps.map(describeStep)).toEqual([
    'send a message of 1 KiB in 3 frames',
    'send 100 bytes of a message of 1 KiB, not masked',
    'send the message "hi"',
    'send a ping',
    'send a close frame with 4001',
    'send a close frame',
    'expect a close frame with 1000 or 1001, or an end',
    'expect a pong',
  ]);
  for (const bad of ['{ ws: pang }', '{ ws: { close: 99 } }', '{ ws: { text: a, reserved: 8 } }'])
    expect(refusal(() => stepsOf(bad))).toContain('ws');
  expect(refusal(() => stepsOf('{ expect: { ws: { text: abc } } }'))).toContain('expects 3 bytes');
});

test('parts of a gRPC call, done and awaited', () => {
  const steps = stepsOf(
    '{ grpc: call }',
    '{ grpc: { call: /a.B/C, timeout: 2s } }',
    '{ grpc: { message: 64 } }',
    '{ grpc: end }',
    '{ expect: { grpc: { status: [0, 5] } } }',
    '{ expect: { grpc: { status: failed } } }',
  );
  expect(steps.map(describeStep)).toEqual([
    'call /lastfin.Test/Call',
    'call /a.B/C within 2000 ms',
    'send a gRPC message of 64 bytes',
    'send no more messages',
    'expect the gRPC status 0 or 5',
    'expect any gRPC status but 0',
  ]);
  expect(refusal(() => stepsOf('{ grpc: { call: C } }'))).toContain('grpc');
  expect(refusal(() => stepsOf('{ grpc: { status: 0 } }'))).toContain('only the upstream can do that');
  expect(refusal(() => stepsOf('{ expect: { grpc: end } }'))).toContain('only the upstream can do that');
});

test('steps are repeated, also within repeats; a problem in them points to where it is written', () => {
  const request = (count: number): string =>
    `{ repeat: ${count}, steps: [{ send: 1 }, { repeat: 2, steps: [{ raw: a }] }] }`;
  expect(stepsOf(request(2)).map(({ kind }) => kind)).toEqual(['send', 'raw', 'raw', 'send', 'raw', 'raw']);
  expect(refusal(() => stepsOf(request(2), '{ wait: { established: 30 } }'))).toContain(
    '{ wait: { established: 30 } }',
  );
  const bad =
    'about: x\nclient:\n  - open\n  - repeat: 3\n    steps:\n      - send: 1\n      - explode\n  - close\n';
  expect(refusal(() => planOne(bad))).toMatch(/^x\.yaml:7:9: unknown step `explode`/);
  expect(refusal(() => planOne(bad.replace('3', '0')))).toMatch(/^x\.yaml:4:13: .*at least 1/);
  expect(refusal(() => planOne(bad.replace('steps', 'stesp')))).toContain('`stesp` cannot stand beside');
  expect(refusal(() => stepsOf(request(9999)))).toContain('more than 10000 steps');
});
