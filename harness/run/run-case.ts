import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { linkedSides } from '../faults/fidelity.ts';
import type { NetworkKind } from '../lab/network/network.ts';
import { Teardown } from '../lab/teardown.ts';
import { HEAP_FINGERPRINT, type Report, type Suspect } from '../probe/protocol.ts';
import type { Case } from '../scenario/case.ts';
import type { Target } from '../targets/file/target.ts';
import { buildCaseLab, type CaseLab } from './case-lab/case-lab.ts';
import { stopsTarget } from '../scenario/case-traits.ts';
import { transportsOf } from './admission/transport-gap.ts';
import { confirm } from './phases/confirm.ts';
import { mustBeTrusted } from './distrust.ts';
import { growing, hasSockets } from './growth/growth.ts';
import type { Entry, Phase } from '../journal/entry.ts';
import { journalHead } from './journal-head.ts';
import { untilPublished } from './phases/look-at-target.ts';
import { wantOfDescriptors } from './admission/descriptor-room.ts';
import {
  noteConnections,
  noteLabError,
  noteObstruction,
  noteSettled,
  noteUnknown,
} from './phases/write-observations.ts';
import { Recorder } from '../journal/recorder.ts';
import { cannotBeTold, opaqueness } from './opaque.ts';
import { recover } from './phases/recover.ts';
import { runRound } from './phases/run-round.ts';
import { settle, type Settled } from './phases/settle.ts';
import type { SharedLab } from './case-lab/shared-lab.ts';
import { startsWithoutFamily } from './admission/without-family.ts';
import { EXIT_SEEN_WITHIN, exitOf, stopTarget } from './phases/stop-target.ts';
import { warmUp } from './phases/warm-up.ts';

export type CaseRun = {
  case: Case;
  target: Target;
  shared: SharedLab;
  /** what it stands on, as it was admitted */
  network: NetworkKind;
  lastfin: string;
  signal: AbortSignal;
  /** folder that positions in findings are relative to */
  base: string;
  onPhase?: (phase: Phase) => void;
};

/** The target exited while a case was under way. */
class TargetDied extends Error {
  override readonly name = 'TargetDied';
}

/**
 * Runs one case through all its phases and gives back its journal. Never throws for what the target or the lab does: that is
 * in the journal. Rejects only when `signal` is aborted, after everything has been taken down.
 */
export async function runCase(run: CaseRun): Promise<Entry[]> {
  const entries = await attempt(run, false);
  // one that has exited by itself, late, was not asked
  const stuck = entries.find((entry) => entry.type === 'exit' && entry.alive !== undefined);
  if (stuck?.type === 'exit') {
    // why-is-node-running needs async hooks from the start: only a second run, not judged, can afford them
    const explained = await attempt({ ...run, onPhase: () => undefined }, true);
    const exit = explained.find((entry) => entry.type === 'exit');
    if (exit?.type === 'exit' && exit.why !== undefined) stuck.why = exit.why;
  }
  return entries;
}

async function attempt(run: CaseRun, explain: boolean): Promise<Entry[]> {
  const recorder = new Recorder(run.onPhase ?? (() => undefined));
  const teardown = new Teardown();
  try {
    await phases(run, recorder, teardown, explain);
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

async function phases(run: CaseRun, recorder: Recorder, teardown: Teardown, explain: boolean): Promise<void> {
  const { case: plan, target, shared, network } = run;
  const toxiproxy = await nameOfToxiproxy(run);
  recorder.write({
    ...journalHead(plan, target, run.lastfin),
    lab: network,
    ...(shared.requireFidelity === undefined ? {} : { requireFidelity: shared.requireFidelity }),
    ...(typeof toxiproxy === 'string' ? { toxiproxy } : {}),
  });
  if (toxiproxy instanceof Error) throw toxiproxy;
  const room = wantOfDescriptors(plan);
  if (room !== undefined) {
    recorder.write({ type: 'skipped', ...room });
    return;
  }
  const { base, signal: stop } = run;
  const lab = await buildCaseLab({
    case: plan,
    target,
    shared,
    network,
    recorder,
    teardown,
    signal: stop,
    base,
    explain,
  }).catch((error: unknown) => {
    const reason = startsWithoutFamily(plan, target, error);
    if (reason === undefined) throw error;
    recorder.write({ type: 'skipped', reason });
  });
  if (lab === undefined) return;
  if (lab.withoutFamily !== undefined) {
    recorder.write({ type: 'skipped', reason: lab.withoutFamily });
    return;
  }
  const died = new AbortController();
  let asked = false;
  const exited = lab.target.exited.then((exit) => {
    if (asked) return;
    const since = exit.at;
    recorder.write(exitOf(lab.target, exit, { asked: false, within: false, since, stop: target.stop }));
    died.abort(new TargetDied('the target exited'));
  });
  const signal = AbortSignal.any([died.signal, run.signal]);
  const inner: CaseLab = {
    ...lab,
    stopTarget: () => {
      asked = true;
      lab.stopTarget();
    },
  };
  try {
    await judged(run, inner, recorder, signal);
    // it was there before, and stays
    if (target.pid !== undefined) return;
    recorder.phase('stop', 1);
    const exit = await stopTarget(inner, target.stop, asked, run.signal);
    if (stopsTarget(plan)) noteConnections(inner, recorder, [1]);
    recorder.write(exit);
  } catch (error) {
    // the probe's connection may break a moment before the exit is seen
    if (!run.signal.aborted && isProbeError(error)) await Promise.race([exited, delay(EXIT_SEEN_WITHIN)]);
    if (died.signal.aborted) throw new TargetDied('the target exited', { cause: error });
    if (!run.signal.aborted && isProbeError(error)) {
      // it lives and cannot be looked at: that is its own doing
      noteObstruction(recorder, inner, error);
      if (target.pid !== undefined) return;
      recorder.phase('stop', 1);
      recorder.write(await stopTarget(inner, target.stop, asked, run.signal));
      return;
    }
    // the teardown is about to kill it: no death of its own
    asked = true;
    throw error;
  }
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

/** Everything from the warm-up to the release. */
async function judged(run: CaseRun, built: CaseLab, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const { case: plan } = run;
  const baseline = await warmUp(plan, built, recorder, signal);
  const connections = [...built.client.ofRound(0), ...built.upstream.ofRound(0)];
  const seen = connections.map((connection) => connection.describe());
  mustBeTrusted(seen, plan);
  // a server has nobody to pass bytes to
  const passes = transportsOf(plan, run.target)?.upstream !== undefined;
  const opaque = passes ? opaqueness(seen, run.target) : undefined;
  const lab = opaque === undefined ? built : { ...built, opaque: opaque.reason };
  if (opaque !== undefined) recorder.write({ type: 'opaque', reason: opaque.reason });
  const untold = cannotBeTold(plan.kind, opaque);
  if (untold !== undefined) {
    recorder.write({ type: 'skipped', reason: untold });
    return;
  }

  recorder.phase('steady', 1);
  const { looks = [], after } = plan.expect.figures ?? {};
  const look = async (number: number): Promise<void> => {
    const sample = await untilPublished(lab, plan, baseline, looks[number] ?? {});
    recorder.write({ type: 'sample', at: 'looked', round: 1, sample });
  };
  const lastStep = await runRound(lab, recorder, 1, { ...plan, look }, signal);
  recorder.phase('heal', 1);
  // a target that was told to stop is gone: the stop phase says what became of it
  if (stopsTarget(plan)) return;

  recorder.phase('settle', 1);
  const settled = withMemory(
    await settle(lab, baseline, lastStep, plan, signal, { placeholders: true }),
    plan,
  );
  if (after !== undefined) settled.sample = await untilPublished(lab, plan, baseline, after);
  recorder.write({
    type: 'drain',
    round: 1,
    took: settled.took,
    drained: settled.drained,
    limit: plan.expect.drain,
  });
  noteSettled(lab, recorder, 'settled', 1, settled);
  noteConnections(lab, recorder, [1]);

  let clean = settled.drained;
  const { report } = settled;
  if (!needsConfirmation(report)) noteUnknown(recorder, report, 'sockets were left open');
  else {
    clean = !(await confirm(plan, lab, recorder, baseline, report, signal)) && clean;
  }
  if (plan.expect.recovery !== undefined) await recover(plan, plan.expect.recovery, lab, recorder, signal);
  recorder.phase('release', 1);
  lab.client.release();
  lab.upstream.release();
  if (clean) return;
  const released = await settle(lab, baseline, performance.now(), plan, signal);
  noteSettled(lab, recorder, 'released', 1, released);
}

/** Where a scenario asks for it, memory is a suspect from the start: one round alone tells nothing of it. */
function withMemory(settled: Settled, { expect }: Case): Settled {
  const { report } = settled;
  if (expect.memory === undefined || report.suspects.some(({ rule }) => rule === 'slope')) return settled;
  const suspect: Suspect = {
    resource: 'memory',
    rule: 'slope',
    fingerprint: HEAP_FINGERPRINT,
    count: 1,
    where: [],
    sample: '',
  };
  return { ...settled, report: { ...report, suspects: [...report.suspects, suspect] } };
}

function isProbeError(error: unknown): error is LastfinError {
  const codes: string[] = ['LASTFIN_PROBE', 'LASTFIN_TARGET_METRICS'];
  return error instanceof LastfinError && codes.includes(error.code);
}

/** Whether more rounds can tell more. Not while sockets are open: what grew with them is their consequence. */
function needsConfirmation(report: Report): boolean {
  return !hasSockets(report) && growing(report).length > 0;
}
