import { describe, expect, test } from 'vitest';
import { usage } from './variable-users.ts';

describe('what a function does with a variable from around it', () => {
  test.each([
    '() => { newest = 1 }',
    '() => { newest = { before: newest } }',
    '() => { newest.before.client = 1 }',
    '() => { newest["a"].b ??= 1 }',
    '() => newest++',
    '() => { newest.#count -= 1 }',
    'function add() { newest >>>= 1 }',
  ])('%s writes', (text) => {
    expect(usage(text, 'newest')).toBe('writes');
  });

  test.each([
    '() => newest',
    '() => newest === 1',
    '() => newest == 1',
    '() => newest >= 1 || newest <= 2 || newest !== 3',
    '() => log(newest.before)',
    '(newest) => newest.before',
    '() => { const before = newest }',
  ])('%s reads', (text) => {
    expect(usage(text, 'newest')).toBe('reads');
  });

  test.each([
    '() => { const newest = 1 }',
    '() => { let newest; }',
    '() => list.newest = 1',
    '() => newest2 = 1',
  ])('%s does neither', (text) => {
    expect(usage(text, 'newest')).toBeUndefined();
  });

  test('a name with a dollar is no pattern', () => {
    expect(usage('() => { $a = 1 }', '$a')).toBe('writes');
    expect(usage('() => { b$a = 1 }', '$a')).toBeUndefined();
  });
});
