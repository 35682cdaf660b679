import { expect, test } from 'vitest';
import type { Attacked } from './attacking-upstream.ts';
import { FLAG, frame, literal, TYPE, word } from './frames.ts';
import type { Seen } from './honest-client.ts';
import { judgeUpstream } from './judge-upstream.ts';

const HEAD = frame(TYPE.headers, FLAG.endHeaders, 1, Buffer.from([0x88]));
const WHOLE = Buffer.concat([HEAD, frame(TYPE.data, FLAG.endStream, 1, Buffer.from('ok'))]);
const CUT = Buffer.concat([
  HEAD,
  frame(TYPE.data, 0, 1, Buffer.from('ok')),
  frame(TYPE.reset, 0, 1, word(8)),
]);
const REFUSED = frame(TYPE.reset, 0, 1, word(7));
const GOAWAY = frame(TYPE.goaway, 0, 0, Buffer.concat([word(0), word(0)]));
const OK: Seen = { status: 200, body: 'ok', length: undefined, isWhole: true, late: false };

function connection(...sent: Buffer[]): Attacked {
  return { sent, requests: [{ stream: 1, block: literal(':path', '/XZ') }], isOver: false };
}

function judge(method: string, seen: Partial<Seen>, ...connections: Attacked[]): string {
  return judgeUpstream(
    [{ method, path: '/XZ', hasBody: false, seen: { ...OK, ...seen } }],
    connections,
  ).join();
}

test('what is as it should be has no finding', () => {
  expect(judge('GET', {}, connection(WHOLE))).toBe('');
  expect(judge('POST', {}, connection(REFUSED), connection(WHOLE))).toBe('');
  expect(judge('POST', {}, connection(GOAWAY), connection(WHOLE))).toBe('');
  expect(judge('GET', {}, connection(), connection(WHOLE))).toBe('');
  expect(judge('GET', { isWhole: false }, connection(CUT))).toBe('');
  for (const status of [204, 205, 304]) expect(judge('GET', { status, body: '' }, connection(CUT))).toBe('');
  expect(judge('POST', { status: 502, body: '' }, connection())).toBe('');
});

test.each([
  ['a request that comes twice', judge('POST', {}, connection(), connection(WHOLE)), 'came 2 times'],
  [
    'one that comes too often',
    judge('GET', {}, ...Array.from({ length: 4 }, () => connection(WHOLE))),
    'came 4 times',
  ],
  ['a cut answer that looks whole', judge('GET', {}, connection(CUT)), 'looks whole'],
  ['another body', judge('GET', { body: 'no' }, connection(WHOLE)), 'looks whole'],
  ['another length', judge('GET', { length: '3' }, connection(WHOLE)), 'another length'],
  ['no answer', judge('GET', { late: true }, connection(WHOLE)), 'not answered'],
])('the judge finds %s', (_, found, problem) => {
  expect(found).toContain(problem);
});
