import { expect, test } from 'vitest';

import type { SocketLife, SocketStep } from '../probe/protocol.ts';
import { judge } from './judge.ts';
import { aConnection, aJournal, aSuspect, TWO_GRACEFUL } from './testing/hand-built-journal.ts';

const line = { file: 'src/pipe.ts', line: 9, column: 3 };
const step = (kind: SocketStep['kind'], what: string, at: number): SocketStep => ({
  kind,
  what,
  at,
  where: [line],
});
const life = (side: SocketLife['side'], endedAt: number, parts: Partial<SocketLife> = {}): SocketLife => ({
  side,
  count: 2,
  open: false,
  steps: [step('came', 'end', endedAt - 1), step('ended', 'destroy()', endedAt)],
  ...parts,
});
const wrong = {
  case: { expect: { drain: 2000, incoming: { inactivity: { min: 'all', max: 'all' } } as const } },
};

test('the lives of the sockets are added to a wrong termination: the one that was ended first comes first', () => {
  const all = [life('incoming', 9), life('outgoing', 5), life('outgoing', 6, { count: 1 })];
  const journal = [...aJournal(wrong), { t: 99_999, type: 'lives', lives: all } as const];
  const { findings, took } = judge(journal);
  expect(findings[0]?.kind).toBe('termination');
  expect(findings[0]?.lives?.map(({ side, count }) => [side, count])).toEqual([
    ['outgoing', 2],
    ['incoming', 2],
  ]);
  // a consequence is told with its cause
  expect(findings.slice(1).map(({ follows, lives }) => [follows, lives])).toEqual([
    [findings[0]?.fingerprint, undefined],
  ]);
  // they were seen in another run, and change neither the verdict nor its figures
  const without = judge(aJournal(wrong));
  expect(took).toBe(without.took);
  expect(findings).toMatchObject(without.findings);
});

test('stragglers are left out', () => {
  const lives = [life('incoming', 9, { count: 20 }), life('incoming', 8, { count: 3 })];
  const [finding] = judge([...aJournal(wrong), { t: 1, type: 'lives', lives }]).findings;
  expect(finding?.lives?.map(({ count }) => count)).toEqual([20]);
});

test('a leak of sockets has those that are open, and the other side; a leak of timers none', () => {
  const open = life('incoming', 9, { open: true, steps: [step('came', 'end', 3)] });
  const lives = [life('incoming', 9), life('outgoing', 9), open];
  const leaky = (resource: 'socket' | 'timer'): ReturnType<typeof judge> => {
    const left = [aSuspect({ resource })];
    return judge([
      ...aJournal({ reports: { settled: left, released: left } }),
      { t: 1, type: 'lives', lives },
    ]);
  };
  // the other side tells what happened meanwhile
  expect(leaky('socket').findings[0]?.lives).toEqual([lives[1], open]);
  expect(leaky('timer').findings[0]).not.toHaveProperty('lives');
});

test('a journal without them has none', () => {
  const short = [...TWO_GRACEFUL.slice(0, 3), aConnection({ actor: 'upstream', connection: 1, received: 3 })];
  const [finding] = judge(aJournal({ connections: short })).findings;
  expect(finding?.kind).toBe('invariant');
  expect(finding).not.toHaveProperty('lives');
});
