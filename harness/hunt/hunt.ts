import { FilesReporter } from '../report/files/write-reports.ts';
import type { Reporter } from '../report/reporter.ts';
import type { RunReport } from '../report/run-report.ts';
import { runSuite } from '../suite/run-suite.ts';
import type { ChosenCase } from '../suite/chosen-case.ts';
import { selectCases } from '../suite/select-cases.ts';
import type { SuiteOptions } from '../suite/suite-options.ts';
import { expectNoLeaks } from './expect-no-leaks.ts';
import type { InlineTarget } from './inline-target.ts';
import { loadInlineTarget } from './load-inline-target.ts';

/** Cases, by what they are chosen. */
export type HuntedCases = {
  /** a target file, the name of a shipped target, or a target written in place; default: `lastfin.yaml`, as for `npx lastfin run` */
  target?: string | InlineTarget;
  /** areas, scenario files or folders; default: all */
  scenarios?: string | readonly string[];
  /** ids of cases or names of scenarios, `*` stands for any text; default: all */
  cases?: string | readonly string[];
  /** only the cases that this route of the target carries */
  route?: string;
  /** the same seed plans the same cases; default: 1 */
  seed?: number;
  /** folder of scenarios, instead of the shipped ones and `./scenarios` */
  root?: string;
};

/** Cases to run, and how. */
export type HuntOptions = HuntedCases &
  Omit<SuiteOptions, 'cases' | 'seed'> & {
    /** told how the run goes, in this order; default: nobody */
    reporters?: readonly Reporter[];
    /** folder that reports are written to; default: none are */
    out?: string;
  };

/** Report of a run, and its check. */
export type HuntRun = RunReport & {
  /** throws unless every case passed, and at least one did: see `expectNoLeaks` */
  assert(): void;
};

/**
 * Runs scenarios against a target, as `npx lastfin run` does, and resolves with the report. Findings do not reject: `run.assert()`
 * throws for them.
 *
 * @throws LastfinError `LASTFIN_USAGE` where no case is chosen or applies, `LASTFIN_TARGET_INVALID`, `LASTFIN_SCENARIO_INVALID`,
 * `LASTFIN_LAB` where no worker can be started
 * @example
 * import { hunt } from 'lastfin';
 *
 * const run = await hunt({ target: 'proxy', cases: ['lifecycle/close-unused[by=client]'] });
 * run.assert();
 */
export async function hunt(options: HuntOptions = {}): Promise<HuntRun> {
  const { reporters = [], out, seed } = options;
  const files = out === undefined ? [] : [new FilesReporter(out)];
  const { target: _, scenarios: __, route: ___, root: ____, ...how } = options;
  const report = await runSuite(
    { ...how, ...(seed === undefined ? {} : { seed }), cases: chooseCases(options) },
    [...files, ...reporters],
  );
  const assert = (): void => expectNoLeaks(report);
  return Object.defineProperty(report, 'assert', { value: assert }) as HuntRun;
}

/** Loads and selects cases. @throws LastfinError as {@link hunt} does */
export function chooseCases({ target, scenarios, cases, route, seed, root }: HuntedCases): ChosenCase[] {
  const given = typeof target === 'object' ? loadInlineTarget(target) : target;
  return selectCases(listOf(scenarios), {
    case: listOf(cases),
    ...(given === undefined ? {} : { target: given }),
    ...(route === undefined ? {} : { route }),
    ...(seed === undefined ? {} : { seed }),
    ...(root === undefined ? {} : { root }),
  });
}

function listOf(given: string | readonly string[] = []): readonly string[] {
  return typeof given === 'string' ? [given] : given;
}
