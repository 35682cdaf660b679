import { Check } from '../in-process/check.ts';
import { leaksIn } from '../in-process/judge-rounds.ts';
import { whyNoLeakInProgram } from '../in-process/test-runner-exclusions.ts';
import type { ProcessLeak } from '../in-process/process-leak.ts';
import { judgeRounds, type RoundsSeen, wantedLeaks } from '../in-process/rounds.ts';
import { processTree } from '../probe/outside/process-tree.ts';
import { type ProcessFacts, RunningProcess, type Which } from './running-process.ts';

/** How a running process is checked. */
export type RunningCheck = {
  which: Which;
  /** runs between the two looks; several times with `rounds` */
  meanwhile: () => Promise<void>;
  rounds: number;
  /** ms in which everything must have ended */
  settle: number;
  /** called once the process is watched: with one round what is made from now on counts, with more the first is none that is judged */
  onWatched?: (facts: ProcessFacts) => void;
};

/** A running process before and after something. */
export type CheckedRunning = {
  process: ProcessFacts;
  rounds: number;
  leaks: ProcessLeak[];
  /** parts that such a check cannot see */
  notSeen: string[];
};

/**
 * Looks at a running process before and after something. The process is left as it was found, whatever happens.
 *
 * @throws LastfinError as {@link RunningProcess.enter}; errors of `meanwhile` are passed on
 */
export async function checkRunning(options: RunningCheck): Promise<CheckedRunning> {
  const running = await RunningProcess.enter(options.which);
  try {
    const check = new Check(running.probe, await running.begin(), whyNoLeakInProgram);
    const onWatched = (): void => options.onWatched?.(running.facts);
    let seen: RoundsSeen;
    if (options.rounds === 1) seen = await once(check, options, onWatched);
    else {
      onWatched();
      seen = await judgeRounds(check, options.meanwhile, options);
    }
    const { leaks, blind } = seen;
    const notSeen = [...blind, ...whatIsNotSeen(running.facts, options.rounds)];
    return { process: running.facts, rounds: options.rounds, leaks, notSeen };
  } finally {
    await running.leave();
  }
}

async function once(
  check: Check,
  { meanwhile, settle }: RunningCheck,
  onBaseline: () => void,
): Promise<RoundsSeen> {
  await check.baseline();
  onBaseline();
  await meanwhile();
  const { suspects, blind } = await check.settle(settle);
  return { leaks: wantedLeaks(leaksIn(suspects, []), {}, {}), blind };
}

function whatIsNotSeen({ pid, workers }: ProcessFacts, rounds: number): string[] {
  const children = processTree(pid, { wholeSession: false }).length - 1;
  return [
    'what was there before: only what is made from now on has a line, and only if it is not made through a function that was taken out of its module earlier',
    ...(rounds === 1
      ? ['growth of collections and listeners: only rounds tell it from a cache (--while)']
      : []),
    ...(workers > 0
      ? [`${workers} worker ${workers === 1 ? 'thread' : 'threads'}: each has a heap of its own`]
      : []),
    ...(children > 0
      ? [`${children} child ${children === 1 ? 'process' : 'processes'}: say --pid of each`]
      : []),
  ];
}
