import { expect, test } from 'vitest';

import {
  aConnection,
  aJournal,
  aSuspect,
  TWO_GRACEFUL,
  type JournalParts,
} from './testing/hand-built-journal.ts';
import { judge } from './judge.ts';
import { passedTime } from './passed-time.ts';

const HOURS = 25 * 3_600_000;

const unbounded = (ms: number): JournalParts => ({
  case: { client: [{ kind: 'open' }, { kind: 'advance', ms }, { kind: 'expect-ending', ending: 'closed' }] },
  connections: [
    aConnection({
      seen: 'none',
      failure: { step: 'expect-ending', index: 2, message: 'expect closed: not within 10000 ms' },
    }),
    ...TWO_GRACEFUL.slice(1),
  ],
  reports: { settled: [aSuspect()], released: [] },
  extra: [{ type: 'advanced', round: 1, ms, left: 0, fired: 0, notShifted: [] }],
});

const messages = (parts: JournalParts): string[] =>
  judge(aJournal(parts)).findings.map(({ message }) => message);

test('a connection that outlives the hours that passed in the target is bounded by nothing, and the findings say so', () => {
  expect(messages(unbounded(HOURS))).toEqual([
    expect.stringMatching(
      /peer-held: nothing in the target bounds it within 25 h; cleared only when the peers let go$/,
    ),
    '1 client could not complete step 3, `expect-ending`: nothing in the target ended the connection within the 25 h that passed in it',
  ]);
});

test('a step that failed before time passed keeps its own reason', () => {
  const parts = unbounded(HOURS);
  const client = [
    { kind: 'open' as const },
    { kind: 'close' as const },
    { kind: 'expect-ending' as const, ending: 'end' as const },
  ];
  const [, step] = messages({ ...parts, case: { client } });
  expect(step).toMatch(/not within 10000 ms$/);
});

test('time in words', () => {
  const after = (ms: number): string | undefined =>
    passedTime({ advanced: [{ type: 'advanced', round: 1, ms, left: 0, fired: 0, notShifted: [] }] });
  expect([0, 11_000, 600_000, HOURS].map(after)).toEqual([undefined, '11 s', '10 min', '25 h']);
  expect(passedTime({ advanced: [] })).toBeUndefined();
});
