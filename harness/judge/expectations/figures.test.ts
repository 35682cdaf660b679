import { expect, test } from 'vitest';
import { judge } from '../judge.ts';
import { aJournal } from '../testing/hand-built-journal.ts';

test('figures that are published are judged as what was added since the baseline', () => {
  const judged = (after: Record<string, { min: number; max: number }>) =>
    judge(aJournal({ case: { expect: { drain: 1000, figures: { after } } } })).findings;
  const exactly = (count: number) => ({ min: count, max: count });
  expect(judged({ records: exactly(0) })).toEqual([]);
  expect(judged({ accepted: exactly(9) })).toMatchObject([
    {
      kind: 'invariant',
      invariant: 'figures',
      detail: expect.stringMatching(/^`accepted` is \d+ when all had ended, expected 9$/),
    },
  ]);
  expect(judged({ unheard_of: exactly(0) })).toMatchObject([
    { invariant: 'figures', detail: '`unheard_of` is not published when all had ended, expected none' },
  ]);
});
