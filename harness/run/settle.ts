import { setTimeout as delay } from 'node:timers/promises';

import type { Probe } from '../probe/probe-server.ts';
import type { Report, Sample } from '../probe/protocol.ts';

/** Cheap looks begin this often and back off to {@link SLOWEST_LOOK}. ms */
const FIRST_LOOK = 2;
const SLOWEST_LOOK = 50;
/** A full report walks the heap: the pause between two of them begins here. ms */
const FIRST_REPORT_PAUSE = 100;

export type Settled = { took: number; drained: boolean; sample: Sample; report: Report };

/**
 * Waits until everything is back at the baseline, or until `limit` ms after `since`: polls the cheap sample with back-off,
 * and once that is back asks for the full report, again with back-off while it still shows something new.
 * Always ends with a full report.
 */
export async function settle(
  probe: Probe,
  baseline: Sample,
  since: number,
  limit: number,
  signal: AbortSignal,
): Promise<Settled> {
  let end = since + limit;
  const left = (): number => end - performance.now();
  const fullReport = async (): Promise<Report> => {
    const start = performance.now();
    const answer = await probe.report();
    // the heap walk stops the target, too: its time is not the target's
    end += performance.now() - start;
    return answer;
  };
  let pause = FIRST_LOOK;
  let sample = await probe.sample();
  while (!isBack(sample, baseline) && left() > 0) {
    await delay(Math.min(pause, Math.max(left(), 1)), undefined, { signal });
    pause = Math.min(pause * 2, SLOWEST_LOOK);
    sample = await probe.sample();
  }
  let at = performance.now();
  let report = await fullReport();
  for (let wait = FIRST_REPORT_PAUSE; hasNew(report) && left() > 0; wait *= 2) {
    await delay(Math.min(wait, Math.max(left(), 1)), undefined, { signal });
    at = performance.now();
    sample = await probe.sample();
    report = await fullReport();
  }
  return {
    took: Math.round(at - since),
    drained: isBack(sample, baseline) && !hasNew(report),
    sample,
    report,
  };
}

/** Whether the cheap counts are back: what the target publishes, and its descriptors, which cover all its sockets. */
export function isBack(sample: Sample, baseline: Sample): boolean {
  return notAbove(sample.gauges, baseline.gauges) && notAbove(sample.fds, baseline.fds);
}

function notAbove(now: Record<string, number>, before: Record<string, number>): boolean {
  return Object.entries(now).every(([name, value]) => value <= (before[name] ?? 0));
}

function hasNew(report: Report): boolean {
  return report.suspects.some((suspect) => suspect.rule === 'presence');
}
