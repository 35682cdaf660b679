import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { GENERIC_ROUTES } from '../generic-routes.ts';
import type { CheckedScenario } from '../schema/scenario-schema.ts';
import type { TargetLookup } from './target-lookup.ts';

/** Number of proxies that a connection of this scenario passes. */
export function hopsOf({ target }: CheckedScenario, lookUp?: TargetLookup): number {
  const facts = lookUp?.(target);
  return facts !== undefined && 'hops' in facts ? facts.hops : 1;
}

/** Whether the target passes bytes on unchanged, as far as its file tells. */
export function isPipe({ target }: CheckedScenario, lookUp?: TargetLookup): boolean {
  const facts = lookUp?.(target);
  return !(facts !== undefined && 'transparent' in facts && facts.transparent === false);
}

/**
 * Finds a target, route or settings that do not exist.
 *
 * @param replaced whether the scenario was written for another target: missing features then make a case not applicable, not wrong
 */
export function targetIssues(
  { target, ownTarget, route, settings: given, tuning = {}, faults }: CheckedScenario,
  lookUp?: TargetLookup,
  replaced = false,
): Issue[] {
  if (lookUp === undefined) return [];
  const facts = lookUp(target);
  if ('known' in facts) {
    return [{ path: ['target'], message: `unknown target \`${target}\`${suggestion(target, facts.known)}` }];
  }
  const issues: Issue[] = [];
  // a scenario that names no target runs on any that has a route of this kind
  const isGeneric = !ownTarget && Object.hasOwn(GENERIC_ROUTES, route);
  if (!replaced && !isGeneric && !facts.routes.includes(route)) {
    const message = `the target \`${target}\` has no route \`${route}\`${suggestion(route, facts.routes)}`;
    issues.push({ path: ['route'], message });
  }
  for (const [index, fault] of faults.entries()) {
    if (replaced || fault.kind !== 'reload') continue;
    const path = ['faults', index];
    if (!facts.reloads)
      issues.push({ path, message: `the target \`${target}\` does not say how it reloads` });
    if (facts.routes.includes(fault.route)) continue;
    const message = `the target \`${target}\` has no route \`${fault.route}\`${suggestion(fault.route, facts.routes)}`;
    issues.push({ path: [...path, 'route'], message });
  }
  const values = [...valuesOf('settings', given), ...valuesOf('tuning', tuning)];
  for (const { key, name, value } of values) {
    const path = [key, name];
    const settings = facts.settings(route);
    if (!settings.includes(name)) {
      if (replaced) continue;
      const message = `the target \`${target}\` has no setting \`${name}\`${suggestion(name, settings)}`;
      issues.push({ path, part: 'key', message });
      continue;
    }
    const must = facts.refuse(name, value);
    if (must !== undefined)
      issues.push({ path, message: `\`${key}.${name}\` must be ${must}, not \`${value}\`` });
  }
  return issues;
}

type GivenValue = { key: 'settings' | 'tuning'; name: string; value: string | number | boolean };

const valuesOf = (key: GivenValue['key'], given: Record<string, GivenValue['value']>): GivenValue[] =>
  Object.entries(given).map(([name, value]) => ({ key, name, value }));
