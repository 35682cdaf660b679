import { chooseCases, type HuntedCases } from '../harness/hunt/hunt.ts';
import { expectNoLeaks } from '../harness/hunt/expect-no-leaks.ts';
import { applies } from '../harness/suite/applies.ts';
import { runSuite } from '../harness/suite/run-suite.ts';
import type { ChosenCase } from '../harness/suite/chosen-case.ts';
import type { SuiteOptions } from '../harness/suite/suite-options.ts';
import { LastfinError } from '../shared/errors/lastfin-error.ts';
import type { Runner } from './runner.ts';
import { scenarioFiles } from './scenario-files.ts';

/** How scenarios become tests. */
export type ScenarioTestOptions = Omit<HuntedCases, 'scenarios'> &
  Pick<SuiteOptions, 'lab' | 'toxiproxy' | 'requireFidelity' | 'retries'> & {
    /** name of the group of tests; default: the target's */
    name?: string;
    /** time limit of each test, ms; default: what the case may take by its own limits */
    timeout?: number;
    /** fail where this machine lacks something that a case needs; default: skip such a test */
    requireAll?: boolean;
  };

/** Registers each case of scenario files as a test. */
export type DescribeScenarios = (
  scenarios: string | readonly string[],
  options?: ScenarioTestOptions,
) => void;

/** Time (ms) for the start of a worker, a target and its peers on a busy machine. */
const START = 60_000;
/** Rounds of a case, each of which may take its limits: the warm-up, the judged one, confirming and larger ones. */
const ROUNDS = 8;

/**
 * Makes `describeScenarios` for a test runner. The adapters of vitest, node:test, Jest and Mocha are made by this.
 *
 * @example
 * import { scenarioTests } from 'lastfin/any-runner';
 *
 * const registered: string[] = [];
 * const describeScenarios = scenarioTests({
 *   describe: (_, body) => body(),
 *   it: (name) => registered.push(name),
 *   afterAll: () => undefined,
 * });
 * describeScenarios('lifecycle/close-unused', { target: 'proxy' });
 */
export function scenarioTests(runner: Runner): DescribeScenarios {
  return (scenarios, options = {}) => {
    const paths = [scenarios].flat().flatMap(scenarioFiles);
    const all = chooseCases({ ...options, scenarios: paths });
    const chosen = all.filter(applies);
    if (chosen.length === 0)
      throw new LastfinError(
        'LASTFIN_USAGE',
        `none of the ${all.length} cases of ${paths.join(', ')} applies to the target`,
      );
    const stop = new AbortController();
    const underWay = new Set<Promise<void>>();
    runner.describe(options.name ?? `lastfin: ${chosen[0]?.target.name ?? ''}`, () => {
      for (const one of chosen) {
        const limit = options.timeout ?? limitOf(one);
        const body = (test: { skip?: (why: string) => void }): Promise<void> => {
          const run = runOne(one, options, stop.signal, test.skip);
          const ended = run.then(ignore, ignore);
          underWay.add(ended);
          void ended.then(() => underWay.delete(ended));
          return run;
        };
        runner.it(one.testCase.id, body, limit);
      }
      // a test that ran into its limit has left its case under way
      runner.afterAll(async () => {
        stop.abort();
        await Promise.all(underWay);
      });
    });
  };
}

async function runOne(
  one: ChosenCase,
  { lab, toxiproxy, requireFidelity, retries, seed, requireAll = false }: ScenarioTestOptions,
  signal: AbortSignal,
  skip: ((why: string) => void) | undefined,
): Promise<void> {
  const report = await runSuite({
    cases: [one],
    signal,
    ...(lab === undefined ? {} : { lab }),
    ...(toxiproxy === undefined ? {} : { toxiproxy }),
    ...(requireFidelity === undefined ? {} : { requireFidelity }),
    ...(retries === undefined ? {} : { retries }),
    ...(seed === undefined ? {} : { seed }),
  });
  const [result] = report.results;
  if (result?.verdict === 'skipped' && !requireAll) {
    const why = result.reason ?? 'this machine lacks something';
    if (skip === undefined) process.stderr.write(`skipped: ${result.id}: ${why}\n`);
    else skip(why);
    return;
  }
  expectNoLeaks(report);
}

function limitOf({ testCase: { deadline, expect } }: ChosenCase): number {
  return START + ROUNDS * (deadline + expect.drain);
}

const ignore = (): void => undefined;
