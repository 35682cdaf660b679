import { expect, test } from 'vitest';

import { identity } from './identity.ts';

const open = { file: 'src/tunnel.ts', line: 41, column: 9, name: 'open' };

test('a position becomes file and function, so that a line above changes nothing', () => {
  expect(identity('timer interval tunnel.ts:41:9', [open])).toBe('timer interval tunnel.ts open');
  expect(identity('timer interval tunnel.ts:44:9', [{ ...open, line: 44 }])).toBe(
    'timer interval tunnel.ts open',
  );
});

test('another function, file, kind or caller is another finding', () => {
  const all = [
    identity('socket outgoing tunnel.ts:41:9', [open]),
    identity('socket incoming tunnel.ts:41:9', [open]),
    identity('socket outgoing tunnel.ts:41:9', [{ ...open, name: 'close' }]),
    identity('socket outgoing other.ts:41:9', [{ ...open, file: 'src/other.ts' }]),
    identity('socket outgoing tunnel.ts:41:9 tunnel.ts:80:1', [
      open,
      { ...open, line: 80, column: 1, name: 'run' },
    ]),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('a frame without a name is told by its code, without that by its line', () => {
  const { name: _, ...nameless } = open;
  expect(identity('timer tunnel.ts:41:9', [{ ...nameless, code: 'setInterval(check, 10);' }])).toBe(
    'timer tunnel.ts `setInterval(check, 10);`',
  );
  expect(identity('timer tunnel.ts:41:9', [nameless])).toBe('timer tunnel.ts:41');
});

test('a compiled position takes the name of its source, which stands at the same place', () => {
  expect(identity('timer interval tunnel.js:7:1', [open])).toBe('timer interval tunnel.ts open');
});

test('a fingerprint without a position is the identity', () => {
  expect(identity('gauge:records', [])).toBeUndefined();
  expect(identity('collection Map Registry.records', [])).toBeUndefined();
});
