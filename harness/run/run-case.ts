import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { linkedSides } from '../faults/fidelity.ts';
import type { Entry, Phase } from '../journal/entry.ts';
import { Recorder } from '../journal/recorder.ts';
import type { NetworkKind } from '../lab/network/network.ts';
import { Teardown } from '../lab/teardown.ts';
import type { Case } from '../scenario/case.ts';
import { stopsTarget } from '../scenario/case-traits.ts';
import type { Target } from '../targets/file/target.ts';
import { wantOfDescriptors } from './admission/descriptor-room.ts';
import { startsWithoutFamily } from './admission/without-family.ts';
import type { ContextBeforeBaseline } from './case-context.ts';
import { buildCaseLab } from './case-lab/build-case-lab.ts';
import type { CaseLab } from './case-lab/case-lab.ts';
import type { SharedLab } from './case-lab/shared-lab.ts';
import type { EvidenceOrder } from './evidence/evidence-order.ts';
import type { Explain } from './explain.ts';
import { ExitWatch, TargetDied } from './exit-watch.ts';
import { journalHead } from './journal-head.ts';
import { judgedPhases } from './judged-phases.ts';
import { FairClock, pidsOf } from './phases/fair-clock.ts';
import { EXIT_SEEN_WITHIN, stopTarget } from './phases/stop-target.ts';
import { noteConnections, noteLabError, noteObstruction } from './phases/write-observations.ts';

export type CaseRun = {
  case: Case;
  target: Target;
  shared: SharedLab;
  /** the network that the case was admitted to */
  network: NetworkKind;
  /** version of lastfin */
  lastfin: string;
  signal: AbortSignal;
  /** folder that positions in findings are relative to */
  base: string;
  /** files that the case is to leave */
  evidence?: EvidenceOrder | undefined;
  /** run it to explain one that was judged */
  explain?: 'lives' | undefined;
  onPhase?: (phase: Phase) => void;
};

/** State of one attempt: its journal, and everything to be undone after it. */
type Attempt = {
  recorder: Recorder;
  teardown: Teardown;
  explain: Explain | undefined;
};

/**
 * Runs one case through all its phases; resolves with its journal. Never throws for the doings of the target or the lab: they
 * are in the journal. Rejects only when `signal` is aborted, after everything has been taken down.
 */
export async function runCase(run: CaseRun): Promise<Entry[]> {
  const entries = await attempt(run, run.explain);
  // an exit that came by itself, late, has no `alive`: nothing was asked
  const stuck = entries.find((entry) => entry.type === 'exit' && entry.alive !== undefined);
  if (stuck?.type === 'exit' && run.explain === undefined) {
    // why-is-node-running needs async hooks from the start: only a second run, not judged, can afford them
    const explained = await attempt({ ...run, evidence: undefined, onPhase: () => undefined }, 'exit');
    const exit = explained.find((entry) => entry.type === 'exit');
    if (exit?.type === 'exit' && exit.why !== undefined) stuck.why = exit.why;
  }
  return entries;
}

async function attempt(run: CaseRun, explain: Explain | undefined): Promise<Entry[]> {
  const recorder = new Recorder(run.onPhase ?? (() => undefined), { series: run.shared.series });
  const teardown = new Teardown();
  try {
    const lab = await prepare(run, { recorder, teardown, explain });
    if (lab !== undefined) await runPhases(run, { lab, recorder });
  } catch (error) {
    if (run.signal.aborted) throw error;
    if (!(error instanceof TargetDied)) noteLabError(recorder, error);
  } finally {
    await teardown.run().catch((error: unknown) => {
      noteLabError(recorder, error);
    });
  }
  return recorder.entries;
}

/** Begins the journal and builds the lab; undefined where the case is skipped, which the journal tells. */
async function prepare(run: CaseRun, { recorder, teardown, explain }: Attempt): Promise<CaseLab | undefined> {
  const { target, shared, network } = run;
  const toxiproxy = await nameOfToxiproxy(run);
  recorder.write({
    ...journalHead(run.case, target, run.lastfin),
    lab: network,
    ...(shared.requireFidelity === undefined ? {} : { requireFidelity: shared.requireFidelity }),
    ...(typeof toxiproxy === 'string' ? { toxiproxy } : {}),
  });
  if (toxiproxy instanceof Error) throw toxiproxy;
  const room = wantOfDescriptors(run.case);
  if (room !== undefined) {
    recorder.write({ type: 'skipped', ...room });
    return undefined;
  }
  const lab = await buildCaseLab({ ...run, recorder, teardown, explain }).catch((error: unknown) => {
    const reason = startsWithoutFamily(run.case, target, error);
    if (reason === undefined) throw error;
    recorder.write({ type: 'skipped', reason });
  });
  if (lab?.withoutFamily === undefined) return lab ?? undefined;
  recorder.write({ type: 'skipped', reason: lab.withoutFamily });
  return undefined;
}

/** Runs all phases from the warm-up to the exit of the target. */
async function runPhases(
  run: CaseRun,
  { lab, recorder }: Pick<ContextBeforeBaseline, 'lab' | 'recorder'>,
): Promise<void> {
  const watch = new ExitWatch({ lab, recorder }, run.target);
  const clock = new FairClock(performance.now(), Infinity, pidsOf(lab));
  const context: ContextBeforeBaseline = {
    case: run.case,
    lab: {
      ...lab,
      stopTarget: () => {
        watch.expectExit();
        lab.stopTarget();
      },
    },
    recorder,
    signal: AbortSignal.any([watch.signal, run.signal]),
  };
  try {
    await judgedPhases(context, run);
    await stop(run, context, { watch, clock, alsoWrites: stopsTarget(run.case) });
  } catch (error) {
    // the probe's connection may break a moment before the exit is seen
    if (!run.signal.aborted && isProbeError(error))
      await Promise.race([watch.exited, delay(EXIT_SEEN_WITHIN)]);
    if (watch.signal.aborted) throw new TargetDied({ cause: error });
    if (!run.signal.aborted && isProbeError(error)) {
      // the target lives and cannot be looked at: that is its own doing
      noteObstruction(context, error);
      await stop(run, context, { watch, clock, alsoWrites: false });
      return;
    }
    // the teardown is about to kill the target: that exit is no finding
    watch.expectExit();
    throw error;
  }
}

/** Stops the target; an attached process (`--pid`) is not ours to stop. */
async function stop(
  { target, signal }: CaseRun,
  context: ContextBeforeBaseline,
  {
    watch,
    clock,
    alsoWrites,
  }: { watch: ExitWatch; clock: FairClock; /** the connections of the judged round */ alsoWrites: boolean },
): Promise<void> {
  if (target.pid !== undefined) return;
  // the kernel forgets a process's account with the process
  const starved = Math.round(clock.starved);
  context.recorder.phase('stop', 1);
  const exit = await stopTarget({ ...context, signal }, { stop: target.stop, alreadyAsked: watch.wasAsked });
  if (alsoWrites) noteConnections(context, [1]);
  context.recorder.write({ ...exit, starved });
}

/** The server that the case's links are on, if it needs any; or why it could not be started. */
async function nameOfToxiproxy({ case: { faults }, shared }: CaseRun): Promise<string | Error | undefined> {
  if (linkedSides(faults).size === 0) return undefined;
  try {
    return (await shared.toxiproxies()).name;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isProbeError(error: unknown): error is LastfinError {
  const codes: string[] = ['LASTFIN_PROBE', 'LASTFIN_TARGET_METRICS'];
  return error instanceof LastfinError && codes.includes(error.code);
}
