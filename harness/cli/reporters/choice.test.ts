import { describe, expect, test } from 'vitest';

import { describe as described, reporterChoices } from './choice.ts';

describe('--reporter', () => {
  test.each([
    ['dot', [{ name: 'dot' }]],
    ['none', [{ name: 'silent' }]],
    ['json=out/r.json,terminal', [{ name: 'json', path: 'out/r.json' }, { name: 'terminal' }]],
    ['./mine.js', [{ module: './mine.js' }]],
    ['/a/b.mjs=c=d.txt', [{ module: '/a/b.mjs', path: 'c=d.txt' }]],
    ['mine.ts', [{ module: 'mine.ts' }]],
    ['dot,dot', [{ name: 'dot' }]],
    ['dot,dot=x', [{ name: 'dot' }, { name: 'dot', path: 'x' }]],
  ])('%s', (value, expected) => {
    expect(reporterChoices(value)).toEqual(expected);
  });

  test('several values add up', () => {
    expect(reporterChoices('tap', reporterChoices('dot')).map(described)).toEqual(['dot', 'tap']);
  });

  test.each([
    ['sarfi', /no reporter `sarfi`; did you mean `sarif`/],
    ['', /no reporter ``/],
    ['scenarios/x.yaml', /no reporter .*paths stand before the options/],
    ['json=', /--reporter json=: a path is missing after `=`, such as `json=out\.txt`/],
    ['github=x', /`github` writes no file/],
    ['silent=x', /`silent` writes no file/],
  ])('%j is refused', (value, message) => {
    expect(() => reporterChoices(value)).toThrow(
      expect.objectContaining({ code: 'LASTFIN_USAGE', message: expect.stringMatching(message) }),
    );
  });
});
