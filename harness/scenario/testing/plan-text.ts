import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { parseScenario } from '../load/parse-scenario.ts';
import { type PlanOptions, planCases } from '../load/plan-cases.ts';
import { throwProblems } from '../../../shared/yaml-file/problem.ts';
import type { Case } from '../case.ts';

/** Plans a scenario from its text, as the file x.yaml. */
export function planText(text: string, options: PlanOptions = {}): Case[] {
  const { scenario, problems } = parseScenario('x', 'x.yaml', text);
  throwProblems('LASTFIN_SCENARIO_INVALID', problems);
  return scenario === undefined ? [] : planCases(scenario, options);
}

/** Plans a text with exactly one case. */
export function planOne(text: string): Case {
  const [first, ...more] = planText(text);
  if (first === undefined || more.length > 0) throw new Error(`${more.length + 1} cases instead of one`);
  return first;
}

/** Message with which `run` refuses; checks its `code`. */
export function refusal(run: () => unknown, code = 'LASTFIN_SCENARIO_INVALID'): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LastfinError && error.code === code) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
