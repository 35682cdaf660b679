import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../errors/lastfin-error.ts';
import { fidelityOn, impossibleOn, linkedSides } from '../faults/fidelity.ts';
import { networkNeeded } from '../faults/network-needed.ts';
import type { NetworkKind } from '../lab/network.ts';
import { Teardown } from '../lab/teardown.ts';
import { HEAP_FINGERPRINT, type Report, type Suspect } from '../probe/protocol.ts';
import type { Case } from '../scenario/scenario.ts';
import { privilegesOf } from '../target/privileges.ts';
import { missingRequirement } from '../target/requirements.ts';
import { settingsOfRoute } from '../target/target-config.ts';
import type { Target } from '../target/target-file.ts';
import { carrierGap, carriersOf } from './carrier-gap.ts';
import { buildCaseLab, letsTimePass, type CaseLab } from './case-lab.ts';
import { chooseNetwork } from './choose-network.ts';
import { confirm } from './confirm.ts';
import { hasSockets } from './growth.ts';
import type { Entry, Phase } from './journal.ts';
import { journalHead } from './journal-head.ts';
import { noteConnections, noteLabError, noteSettled } from './note.ts';
import { Recorder } from './recorder.ts';
import { recover } from './recover.ts';
import { runRound } from './run-round.ts';
import { settle, type Settled } from './settle.ts';
import type { SharedLab } from './shared-lab.ts';
import { EXIT_SEEN_WITHIN, exitOf, stopTarget } from './stop-target.ts';
import { warmUp } from './warm-up.ts';

export type CaseRun = {
  case: Case;
  target: Target;
  shared: SharedLab;
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
  const { case: plan, target, shared } = run;
  const toxiproxy = await nameOfToxiproxy(run);
  const network = chooseNetwork(needed(plan, target), shared.lab, (kind) => whyNotOn(kind, plan, target));
  recorder.write({
    ...journalHead(plan, target, run.lastfin),
    ...('kind' in network ? { lab: network.kind } : {}),
    ...(shared.requireFidelity === undefined ? {} : { requireFidelity: shared.requireFidelity }),
    ...(typeof toxiproxy === 'string' ? { toxiproxy } : {}),
  });
  if (toxiproxy instanceof Error) throw toxiproxy;
  const unfit = unfitness(plan, target) ?? ('unfit' in network ? network.unfit : undefined);
  if (unfit !== undefined || 'unfit' in network) {
    const want = 'unfit' in network ? needed(plan, target) : undefined;
    recorder.write({
      type: 'skipped',
      reason: unfit ?? '',
      ...(want === undefined ? {} : { forWantOf: want }),
    });
    return;
  }
  const { base, signal: stop } = run;
  const lab = await buildCaseLab({
    case: plan,
    target,
    shared,
    network: network.kind,
    recorder,
    teardown,
    signal: stop,
    base,
    explain,
  });
  const died = new AbortController();
  let asked = false;
  const exited = lab.target.exited.then((exit) => {
    if (asked) return;
    const since = exit.at;
    recorder.write(
      exitOf(lab.target, exit, { asked: false, within: false, since, grace: target.stop.grace }),
    );
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
    const exit = await stopTarget(inner, target.stop.grace, asked, run.signal);
    if (stopsTarget(plan)) noteConnections(inner, recorder, [1]);
    recorder.write(exit);
  } catch (error) {
    // the probe's connection may break a moment before the exit is seen
    if (!run.signal.aborted && isProbeError(error)) await Promise.race([exited, delay(EXIT_SEEN_WITHIN)]);
    if (died.signal.aborted) throw new TargetDied('the target exited', { cause: error });
    // the teardown is about to kill it: no death of its own
    asked = true;
    throw error;
  }
}

/** Does the case itself tell the target to stop? */
function stopsTarget({ faults }: Case): boolean {
  return faults.some(({ kind }) => kind === 'shutdown');
}

/** Why a case cannot be run on this target: it asks for what only the target that it was written for has. */
function unfitness(plan: Case, target: Target): string | undefined {
  const missing = missingRequirement(target);
  if (missing !== undefined) return missing;
  const { settings, route, faults } = plan;
  const stops = stopsTarget(plan);
  if (target.pid !== undefined) {
    if (Object.keys(settings).length > 0)
      return 'settings are given at the start, and the target (--pid) is running already';
    if (stops) return 'the target (--pid) is not ours to stop: it was running before';
  }
  const { metrics, ends, publishes } = target;
  if (stops && metrics?.terminations !== undefined && !publishes.terminations && ends === undefined) {
    return `the metrics page of \`${target.name}\` goes away as it stops, and it logs no ends: nobody could say how its connections ended`;
  }
  const carriers = carriersOf(plan, target);
  if (carriers === undefined) return `the target \`${target.name}\` has no route \`${route}\``;
  const known = settingsOfRoute(target, route);
  const unknown = Object.keys(settings).filter((setting) => !known.includes(setting));
  if (unknown.length > 0) return `the target \`${target.name}\` has no setting \`${unknown.join('`, `')}\``;
  if ((target.kind !== 'node' || target.pid !== undefined) && letsTimePass(plan)) {
    return `time can be let pass only in a Node program, which the target \`${target.name}\` is not`;
  }
  const reload = faults.find((fault) => fault.kind === 'reload');
  if (reload && !(target.reload && Object.hasOwn(target.routes, reload.route)))
    return `the target \`${target.name}\` does not reload to the route \`${reload.route}\``;
  return carrierGap(plan, carriers);
}

/** Why not even with faults of a lower fidelity. */
function whyNotOn(kind: NetworkKind, plan: Case, target: Target): string | undefined {
  const simulated = plan.faults.find((fault) => fidelityOn(kind, fault) === 'simulated');
  if (simulated !== undefined && target.kind !== 'node') {
    return `the fault \`${simulated.kind}\` can be simulated only inside a Node target`;
  }
  if (privilegesOf(target, plan.route).length > 0) return 'its target needs privileges';
  return impossibleOn(kind, plan);
}

/** Privileges are given only where they reach no further than our own network. */
function needed(plan: Case, target: Target): NetworkKind | undefined {
  return networkNeeded(plan) ?? (privilegesOf(target, plan.route).length > 0 ? 'single' : undefined);
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
async function judged(run: CaseRun, lab: CaseLab, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const { case: plan } = run;
  const baseline = await warmUp(plan, lab, recorder, signal);

  recorder.phase('steady', 1);
  const lastStep = await runRound(lab, recorder, 1, plan, signal);
  recorder.phase('heal', 1);
  // a target that was told to stop is gone: the stop phase says what became of it
  if (stopsTarget(plan)) return;

  recorder.phase('settle', 1);
  const settled = withMemory(await settle(lab, baseline, lastStep, plan, signal, { nameless: true }), plan);
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
  if (needsConfirmation(settled.report, lab)) {
    clean = !(await confirm(plan, lab, recorder, baseline, settled.report, signal)) && clean;
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

function isProbeError(error: unknown): boolean {
  const codes: string[] = ['LASTFIN_PROBE', 'LASTFIN_TARGET_METRICS'];
  return error instanceof LastfinError && codes.includes(error.code);
}

/**
 * Whether more rounds can tell more. Not while sockets are open (what grew with them is their consequence), and not when
 * the scripts failed (the case has failed, and each round would take until the deadline again).
 */
function needsConfirmation(report: Report, lab: CaseLab): boolean {
  if (hasSockets(report)) return false;
  if ([...lab.client.ofRound(1), ...lab.upstream.ofRound(1)].some(({ failure }) => failure)) return false;
  return report.suspects.some(({ rule }) => rule !== 'presence');
}
