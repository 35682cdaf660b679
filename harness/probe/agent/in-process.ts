/**
 * Probe of a test's own process: no harness, no connection; several checks, each with a baseline of its own. Answers are JSON, since
 * objects of this realm have other prototypes than the test's.
 */
import { syncBuiltinESMExports } from 'node:module';

import { leaveOutDescriptor } from './base/descriptors.ts';
import { undoHooks } from './base/hook.ts';
import { addHome, keepOut } from './base/own.ts';
import { armGrown, explainArmed } from './diff/arm.ts';
import { takeBaseline, takeBaselineNow, type Baseline } from './diff/baseline.ts';
import { makeReport, type ReportMade } from './diff/report.ts';
import { followActivity } from './hooks/activity.ts';
import { followNullPrototypeObjects } from './hooks/null-prototype-objects.ts';
import { shareCensus } from './census/shared-census.ts';
import { keepOrigins } from './hooks/origins.ts';
import { enterCheck, markOwners, runInCheck } from './hooks/owners.ts';
import { followPromisedTimers } from './hooks/promised-timers.ts';
import { sourceMapUrl } from './source-map-url.ts';

/** Checks of this process. */
export type ProcessProbe = {
  /** begins a check, and gives its number */
  begin(): number;
  /** takes the baseline of a check, or takes it again */
  baseline(check: number): Promise<void>;
  /** the same at once, for callers that cannot wait: destroyed sockets that are reachable now are not looked for later */
  baselineNow(check: number): void;
  run<T>(check: number, body: () => T): T;
  enter(check: number): void;
  /** {@link Report} as JSON; without `names` collections have only numbers, since a name takes a heap snapshot */
  report(check: number, names: boolean): Promise<string>;
  arm(check: number): void;
  /** lines by fingerprint, as JSON */
  explain(): string;
  /** ends a check, and tells whether it was alone all the time */
  end(check: number): boolean;
  sourceMap(file: string): Promise<string | null>;
  /** leaves a thing of the check itself out of what is counted */
  leaveOut(object: object): void;
  /** takes the hooks off again: the probe is of no use afterwards */
  leave(): void;
};

type Check = { baseline?: Baseline; grew: ReportMade['grew']; alone: boolean };

/**
 * Installs the hooks. Called once in a process or thread.
 *
 * @param homes URLs of folders whose scripts are no part of the program
 */
export function watchProcess(homes: readonly string[]): ProcessProbe {
  for (let index = 0; index < homes.length; index++) addHome(String(homes[index]));
  putHooksOn();
  const checks = keepOut(new Map<number, Check>());
  let last = 0;
  const baselineOf = (check: number): Check & { baseline: Baseline } => {
    const one = checks.get(check);
    if (one?.baseline === undefined) throw new Error('a report needs a baseline first');
    return one as Check & { baseline: Baseline };
  };
  const known = (check: number): Check => {
    const one = checks.get(check);
    if (one === undefined) throw new Error('the check has ended');
    return one;
  };
  return {
    begin: () => {
      const check = ++last;
      const alone = checks.size === 0;
      checks.set(check, keepOut({ grew: keepOut(new Map<string, WeakRef<object>[]>()), alone }));
      if (!alone) {
        for (const one of checks.values()) one.alone = false;
        several(true);
      }
      return check;
    },
    baseline: async (check) => {
      const one = known(check);
      delete one.baseline;
      one.baseline = keepOut({ ...(await takeBaseline()), check });
    },
    baselineNow: (check) => {
      known(check).baseline = keepOut({ ...takeBaselineNow(), check });
    },
    run: runInCheck,
    enter: enterCheck,
    report: async (check, names) => {
      const one = baselineOf(check);
      const { report, grew } = await makeReport(one.baseline, !names, names);
      one.grew = grew;
      return JSON.stringify(report);
    },
    arm: (check) => armGrown(known(check).grew),
    explain: () => JSON.stringify(explainArmed()),
    end: (check) => {
      const alone = checks.get(check)?.alone ?? true;
      checks.delete(check);
      if (checks.size <= 1) several(false);
      return alone;
    },
    sourceMap: sourceMapUrl,
    leaveOut: (object) => void keepOut(object),
    leave: () => {
      checks.clear();
      takeHooksOff();
    },
  };
}

/** Prepares for checks at the same time, or for one again. */
function several(on: boolean): void {
  markOwners(on);
  shareCensus(on);
}

function putHooksOn(): void {
  leaveOutDescriptor(() => undefined);
  followActivity();
  followNullPrototypeObjects();
  keepOrigins();
  followPromisedTimers();
}

function takeHooksOff(): void {
  several(false);
  undoHooks();
  syncBuiltinESMExports();
}
