import { expect, test } from 'vitest';

import { countGroups, groupsIn, matches, readPattern } from './pattern.ts';

test.each([
  ['^ready$', 'ready', true],
  ['"event":"reload', '{"event":"reloaded"}', true],
  ['^connection (opened|closed)$', 'connection opened', true],
  [String.raw`\bport=\d{2,5}\b`, 'at port=8080 now', true],
  [String.raw`^\[\w+\] .*?ok`, '[x] all ok', true],
  [String.raw`^\u0041\x42[^\]]\p{L}$`, 'AB!é', true],
  ['a.c', 'a\nc', false],
  ['^b', 'a\nb', false],
  ['É', 'é', false],
])('%s on %j: %s, as RegExp has it', (source, text, fits) => {
  expect(matches(readPattern(source), text)).toBe(fits);
  expect(new RegExp(source, 'u').test(text)).toBe(fits);
});

test('groups by number and by name', () => {
  const pattern = readPattern(String.raw`(?<id>\d+) (?<incoming>\w+)(?: (x))?`);
  expect(countGroups(pattern)).toBe(3);
  expect(groupsIn(pattern, 'end 7 normal')).toEqual({
    numbered: ['7', 'normal', undefined],
    named: { id: '7', incoming: 'normal' },
  });
  expect(groupsIn(pattern, 'nothing')).toBeUndefined();
});

test.each([
  ['(?=a)b', '`(?=` can only be matched by backtracking'],
  ['(?<!a)b', '`(?<!` can only be matched by backtracking'],
  [String.raw`(a)\1`, 'can only be matched by backtracking'],
  [String.raw`(?<x>a)\k<x>`, 'can only be matched by backtracking'],
  ['(a', 'Unterminated group'],
  ['((a{100}){100}){100}', 'repeat'],
  ['(a{100}){9}(b{100}){9}(c{100}){9}', 'too large'],
  ['x'.repeat(2_000), 'it has 2000 characters'],
])('%s is refused with the reason', (source, reason) => {
  expect(() => readPattern(source)).toThrow(reason);
});

test.each(['^(a+)+$', '(a|aa)+$', '(.*a){20}', '(a?){30}a{30}', String.raw`^(([a-z])+.)+[A-Z]([a-z])+$`])(
  '%s takes linear time, which RegExp does not',
  (source) => {
    const pattern = readPattern(source);
    const took = (length: number): number => {
      const text = `${'a'.repeat(length)}!`;
      // processor time: another process may come between
      const before = process.cpuUsage();
      for (let times = 0; times < 3; times++) matches(pattern, text);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    took(2_000);
    const [once, fourTimes] = [took(2_000), took(8_000)];
    expect(fourTimes).toBeLessThan(12 * once + 50);
  },
);
