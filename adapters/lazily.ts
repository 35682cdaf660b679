import { createRequire } from 'node:module';

import type { hunt as Hunt } from '../harness/hunt/hunt.ts';
import type { DescribeScenarios, scenarioTests as ScenarioTests } from './describe-scenarios.ts';
import type { Runner } from './runner.ts';

/** Modules are loaded at the first call: `noLeaks` walks the heap, and the harness would be a large part of it. */
const load = createRequire(import.meta.url);

/** `describeScenarios` of a runner. It is synchronous, as the registration of tests is. */
export function describeScenariosOf(runner: Runner): DescribeScenarios {
  return (scenarios, options) => {
    const { scenarioTests } = load('./describe-scenarios.js') as { scenarioTests: typeof ScenarioTests };
    scenarioTests(runner)(scenarios, options);
  };
}

/** Runs scenarios against a target: see `hunt` of `lastfin`. */
export const hunt: typeof Hunt = async (options) => {
  const { hunt: run } = await import('../harness/hunt/hunt.ts');
  return run(options);
};
