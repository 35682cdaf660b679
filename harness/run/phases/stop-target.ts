import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { within } from '../../../shared/within.ts';
import type { RunningTarget } from '../../targets/process/attached-target.ts';
import type { Target } from '../../targets/file/target.ts';
import type { Exit } from '../../targets/process/target-process.ts';
import type { CaseContext } from '../case-context.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { FairClock, pidsOf } from './fair-clock.ts';
import type { Observation } from '../../journal/entry.ts';
import { stateInWords } from '../process-state.ts';

/** How a target is told to stop. */
type Stop = Target['stop'];

type ExitObservation = Extract<Observation, { type: 'exit' }>;

/** Longest wait for an exit to be seen after the probe's connection has broken. ms */
export const EXIT_SEEN_WITHIN = 1_000;

/**
 * Tells the target to stop (unless a fault has already) and waits until it exits by itself within its grace. If it does not,
 * whatever keeps it alive is noted and it is killed.
 */
export async function stopTarget(
  { lab, signal }: Pick<CaseContext, 'lab' | 'signal'>,
  { stop, alreadyAsked }: { stop: Stop; alreadyAsked: boolean },
): Promise<ExitObservation> {
  const since = performance.now();
  const { grace } = stop;
  if (!alreadyAsked) lab.stopTarget();
  const exit = await exitWithin(lab, grace, signal);
  if (exit) return exitOf(lab.target, exit, { asked: true, within: true, since, stop });
  // only after the grace: the probe is silent while the target may still end by itself
  const keptAlive = await lab.observer.alive().catch(async (error: unknown) => {
    // the target may have ended while it was asked
    const late = await exitWithin(lab, EXIT_SEEN_WITHIN, signal);
    if (late !== undefined) return late;
    if (!(error instanceof LastfinError && error.code === 'LASTFIN_PROBE')) throw error;
    // a loop in its handler of the signal: then this is what keeps it alive
    const state = stateInWords(lab.target.pid);
    return { alive: [{ what: state === '' ? error.message : state, where: [] }], why: undefined };
  });
  if ('at' in keptAlive) return exitOf(lab.target, keptAlive, { asked: true, within: false, since, stop });
  await lab.target.kill();
  const killed = await lab.target.exited;
  return {
    ...exitOf(lab.target, killed, { asked: true, within: false, since, stop }),
    alive: lab.positions.alive(keptAlive.alive),
    ...(keptAlive.why === undefined ? {} : { why: keptAlive.why }),
  };
}

/** The journal's entry of an exit, whoever caused it. */
export function exitOf(
  target: RunningTarget,
  exit: { code: number | null; signal: string | null; at: number },
  known: { asked: boolean; within: boolean; since: number; stop: Stop },
): ExitObservation {
  const { asked, stop } = known;
  const took = Math.round(exit.at - known.since);
  const { code, signal } = exit;
  return {
    type: 'exit',
    asked,
    within: known.within,
    code,
    signal,
    took,
    grace: stop.grace,
    stop: stop.signal,
    stderr: target.stderr,
  };
}

async function exitWithin(lab: CaseLab, grace: number, signal: AbortSignal): Promise<Exit | undefined> {
  const clock = new FairClock(performance.now(), grace, pidsOf(lab));
  while (clock.remaining > 0) {
    try {
      return await within(clock.remaining, 'the exit of the target', lab.target.exited, signal);
    } catch (error) {
      if (!(error instanceof LastfinError && error.code === 'LASTFIN_LAB')) throw error;
    }
  }
  return undefined;
}
