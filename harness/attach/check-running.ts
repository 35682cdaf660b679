import { Check } from '../in-process/check.ts';
import { leaksIn } from '../in-process/judge-rounds.ts';
import { whyNoLeakInProgram } from '../in-process/not-leaks.ts';
import type { ProcessLeak } from '../in-process/process-leak.ts';
import { judgeRounds, wantedLeaks } from '../in-process/rounds.ts';
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
  /** called once the baseline is taken: what is made from now on counts */
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
    const meanwhile = afterFirst(() => options.onWatched?.(running.facts), options.meanwhile);
    const { leaks, blind } =
      options.rounds === 1
        ? await once(check, meanwhile, options.settle)
        : await judgeRounds(check, meanwhile, options);
    const notSeen = [...blind, ...whatIsNotSeen(running.facts, options.rounds)];
    return { process: running.facts, rounds: options.rounds, leaks, notSeen };
  } finally {
    await running.leave();
  }
}

/** Function that calls `first` before its first call of `then`. */
function afterFirst(first: () => void, then: () => Promise<void>): () => Promise<void> {
  let isFirst = true;
  return () => {
    if (isFirst) first();
    isFirst = false;
    return then();
  };
}

async function once(
  check: Check,
  meanwhile: () => Promise<void>,
  settle: number,
): Promise<{ leaks: ProcessLeak[]; blind: readonly string[] }> {
  await check.baseline();
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
