import { expect, test } from 'vitest';

import { palette } from '../palette.ts';
import { LoggedProgress } from './logged-progress.ts';
import { RunningCases } from './running-cases.ts';

test('a log that has had no line for a while gets one with the counts and what runs', async () => {
  let text = '';
  const stream = { write: (more: string) => ((text += more), true) };
  const cases = new RunningCases(7, () => 0);
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) cases.started(id);
  cases.phase('b', 'settle');
  cases.ended('a', 'passed');
  const progress = new LoggedProgress(stream, palette(false), cases, 50);
  progress.print(['a line']);
  await expect.poll(() => text, { timeout: 30_000 }).toContain('\n1 of 7 cases');
  progress.stop();
  expect(text.split('\n').slice(0, 2)).toEqual([
    'a line',
    '1 of 7 cases · 1 passed · 0ms · running b (settle, 0ms), c (start, 0ms), d (start, 0ms), e (start, 0ms), and 1 more',
  ]);
});
