import type { Case } from '../scenario/scenario.ts';
import { settingsOfRoute } from './target-config.ts';
import type { Target } from './target-file.ts';

/** The route of scenarios that name none. */
const ANY_ROUTE = 'tcp';

/**
 * A case for another target than the one it was written for, or for its own: on the target's first route where the case asks for
 * none in particular, and with as much of its tuning as the target has settings for.
 *
 * @example
 * fitCase(plan, loadTarget('haproxy')).settings; // {}: HAProxy has no `grace`
 */
export function fitCase({ tuning = {}, ...plan }: Case, name: string, target: Target): Case {
  const route =
    plan.route === ANY_ROUTE && !Object.hasOwn(target.routes, ANY_ROUTE)
      ? (Object.keys(target.routes)[0] ?? plan.route)
      : plan.route;
  const known = settingsOfRoute(target, route);
  const fitting = Object.fromEntries(Object.entries(tuning).filter(([setting]) => known.includes(setting)));
  return { ...plan, target: name, route, settings: { ...fitting, ...plan.settings } };
}
