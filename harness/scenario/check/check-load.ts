import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { MOST_REQUESTS } from '../background-load.ts';
import type { CheckedScenario } from '../schema/scenario-schema.ts';

/** Finds loads that cannot be judged, or that have too many requests. */
export function loadIssues({ load, expect, contract }: CheckedScenario): Issue[] {
  const parts = [
    { path: ['expect'], part: expect },
    ...(contract === undefined ? [] : [{ path: ['contract', 'expect'], part: contract.expect }]),
  ];
  const issues: Issue[] = [];
  for (const { path, part } of parts) {
    if (load === undefined) {
      if (part.load !== undefined)
        issues.push({ path: [...path, 'load'], part: 'key', message: 'the scenario has no `load` to judge' });
      continue;
    }
    for (const key of ['incoming', 'outgoing'] as const) {
      if (part[key] === undefined) continue;
      const message = `\`${key}\` cannot be counted beside a load, whose connections end as often as they like`;
      issues.push({ path: [...path, key], part: 'key', message });
    }
  }
  const requests = load?.rate === undefined ? 0 : (load.rate * load.duration) / 1000;
  if (requests > MOST_REQUESTS) {
    const message = `${requests} requests; ${MOST_REQUESTS} is the limit`;
    issues.push({ path: ['load', 'rate'], message });
  }
  return issues;
}
