import { expect, test } from 'vitest';

import { fingerprint, lineOf } from './fingerprint.ts';

test.each([
  ['connect ECONNREFUSED 127.0.0.1:4711', 'connect ECONNREFUSED N.N.N.N:N'],
  ['connect ECONNREFUSED 127.0.0.2:81', 'connect ECONNREFUSED N.N.N.N:N'],
  ['80A0B6F7B77F0000:error:0A000126:SSL routines', 'N:error:N:SSL routines'],
  ['cannot open /tmp/lastfin-x1/a/server.log', 'cannot open server.log'],
  ['at file:///home/me/app/src/tunnel.ts:88', 'at tunnel.ts:N'],
  ['saw end', 'saw end'],
  ['either/or, defaced', 'either/or, defaced'],
])('%s', (text, expected) => {
  expect(fingerprint('step', text)).toBe(`step ${expected}`);
});

test('parts that are absent leave no gap', () => {
  expect(fingerprint('recovery', undefined, '', 'x')).toBe('recovery x');
});

test('a line is that of the file, in whatever checkout', () => {
  expect(lineOf({ file: '/home/me/src/a.ts', line: 7, column: 2 })).toBe('a.ts:7:2');
  expect(lineOf({ file: String.raw`C:\src\a.ts`, line: 7, column: 2 })).toBe('a.ts:7:2');
});
