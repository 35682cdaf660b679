import { setTimeout as delay } from 'node:timers/promises';

import type { ReportOptions } from '../../probe/observer.ts';
import type { Report, Sample } from '../../probe/protocol.ts';
import type { Case } from '../../scenario/case.ts';
import type { CaseContext } from '../case-context.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { FairClock, pidsOf } from './fair-clock.ts';
import { presenceToGrowth } from '../growth/presence-to-growth.ts';

/** First pause between cheap looks; it doubles up to {@link SLOWEST_LOOK}. ms */
const FIRST_LOOK = 2;
const SLOWEST_LOOK = 50;
/** Remaining time below which it is waited out at once rather than halved. ms */
const SHORTEST_HALF = 600;

export type Settled = {
  /** ms from `since` until all was back: wall time, less the heap walks and the time in which harness and target got no processor */
  took: number;
  drained: boolean;
  sample: Sample;
  report: Omit<Report, 'names'>;
  /** names of the growth for which earlier reports had only a number */
  names: NonNullable<Report['names']>;
};

/** The part of a case's context that settling needs. */
type SettleContext = Pick<CaseContext, 'baseline' | 'lasting' | 'signal'> & {
  case: Pick<Case, 'expect' | 'connections'>;
  lab: Pick<CaseLab, 'observer' | 'probe' | 'target' | 'acceptsPending'>;
};

/**
 * Waits until everything is back at the baseline, at most the case's `drain` ms after `since`: polls the cheap sample with back-off,
 * and once that is back asks for the full report, again while it still shows something new.
 * Always ends with a full report.
 *
 * @param options `since`: `performance.now()` when the wait counts from; `placeholders`: reports may leave out names that are dear
 */
export async function settle(
  { case: { expect, connections }, lab, baseline, lasting, signal }: SettleContext,
  { since, ...options }: ReportOptions & { since: number },
): Promise<Settled> {
  const { observer } = lab;
  const limit = expect.drain;
  const clock = new FairClock(since, limit, pidsOf(lab));
  const given: Settled['names'] = {};
  const hasNew = (seen: Pick<Report, 'suspects'>): boolean =>
    seen.suspects.some(({ rule, fingerprint }) => rule === 'presence' && lasting?.has(fingerprint) !== true);
  const fullReport = async (): Promise<Settled['report']> => {
    const { names, ...report } = await clock.walk(() => observer.report(options));
    Object.assign(given, names);
    return report;
  };
  const look = (): ReturnType<typeof cheapLook> => cheapLook(lab, baseline);
  const late = clock.passed;
  let { sample, back } = await look();
  // before the first look nobody knows whether all was back; a target that answers late is late itself
  let took = Math.min(clock.passed, Math.max(limit, clock.passed - late));
  // a look that we waited for was meant for a moment within the limit: how much later it came is our own doing
  for (let pause = FIRST_LOOK; !back && clock.remaining > 0; pause = Math.min(pause * 2, SLOWEST_LOOK)) {
    await delay(Math.min(pause, Math.max(clock.remaining, 1)), undefined, { signal });
    ({ sample, back } = await look());
    took = Math.min(clock.passed, limit);
  }
  let report = await fullReport();
  while (hasNew(report) && clock.remaining > 0) {
    // half of what is left, then the rest: a heap walk is dear, and what is new after the limit stays new
    const wait = clock.remaining > SHORTEST_HALF ? clock.remaining / 2 : clock.remaining;
    await delay(Math.max(wait, 1), undefined, { signal });
    ({ sample, back } = await look());
    took = Math.min(clock.passed, limit);
    report = await fullReport();
  }
  // the report is later than the look before it: what has gone meanwhile is in neither, and would be told without a name
  if (!back) ({ sample, back } = await look());
  const drained = back && !hasNew(report);
  return {
    took: Math.round(took),
    drained,
    sample,
    report: presenceToGrowth(report, connections.count),
    names: given,
  };
}

/** Takes the cheap sample: it is worth nothing while the target has not even accepted what the clients have opened. */
async function cheapLook(
  { observer, acceptsPending }: SettleContext['lab'],
  baseline: Sample,
): Promise<{ sample: Sample; back: boolean }> {
  const pending = acceptsPending();
  const sample = await observer.sample();
  return { sample, back: !pending && isBack(sample, baseline) };
}

/** Waits until the cheap counts are back, at most the case's `drain`; no heap is walked. */
export async function untilBack({ case: { expect }, lab, baseline, signal }: SettleContext): Promise<void> {
  const clock = new FairClock(performance.now(), expect.drain, pidsOf(lab));
  for (let pause = FIRST_LOOK; clock.remaining > 0; pause = Math.min(pause * 2, SLOWEST_LOOK)) {
    if ((await cheapLook(lab, baseline)).back) return;
    await delay(pause, undefined, { signal });
  }
}

/** Whether the cheap counts are back: what the target publishes, and its descriptors, which cover all its sockets; where known, its processes and threads. */
export function isBack(sample: Sample, baseline: Sample): boolean {
  return (
    notAbove(sample.gauges, baseline.gauges) &&
    notAbove(sample.fds, baseline.fds) &&
    notAbove(running(sample), running(baseline))
  );
}

/**
 * The context for rounds after one that has had all its time: what has stayed until then is not waited for again, only what comes on top of it.
 */
export function afterSettled(context: CaseContext, { sample, report }: Settled): CaseContext {
  const { baseline } = context;
  const os = sample.os ?? baseline.os;
  return {
    ...context,
    baseline: {
      ...baseline,
      gauges: most(baseline.gauges, sample.gauges),
      fds: most(baseline.fds, sample.fds),
      ...(os === undefined ? {} : { os: { ...os, ...most(running(baseline), running(sample)) } }),
    },
    lasting: new Set(report.suspects.map(({ fingerprint }) => fingerprint)),
  };
}

function most(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const names = [...Object.keys(one), ...Object.keys(other)];
  return Object.fromEntries(names.map((name) => [name, Math.max(one[name] ?? 0, other[name] ?? 0)]));
}

/** Counts of processes, zombies and threads, which must end with the connections that they serve; empty where unknown. */
function running({ os }: Sample): Record<string, number> {
  return os === undefined ? {} : { processes: os.processes, zombies: os.zombies, threads: os.threads };
}

function notAbove(now: Record<string, number>, before: Record<string, number>): boolean {
  return Object.entries(now).every(([name, value]) => value <= (before[name] ?? 0));
}
