import type { Case } from '../scenario/scenario.ts';
import { settingsOfRoute } from './target-config.ts';
import type { Target } from './target-file.ts';

/** The route of scenarios that name none. */
const ANY_ROUTE = 'tcp';

/** ms: by default HTTP servers of Node keep idle connections for 5 s, and clients' pools theirs for 4 s. */
const DRAIN_OF_HTTP = 7000;

/**
 * A case for another target than the one it was written for, or for its own: on the target's first route where the case asks for
 * none in particular, with as much of its tuning as the target has settings for, and with the time that the target needs to drain.
 *
 * @example
 * fitCase(plan, 'haproxy', loadTarget('haproxy')).settings; // {}: HAProxy has no `grace`
 */
export function fitCase({ tuning = {}, ...plan }: Case, name: string, target: Target): Case {
  const route =
    plan.route === ANY_ROUTE && !Object.hasOwn(target.routes, ANY_ROUTE)
      ? (Object.keys(target.routes)[0] ?? plan.route)
      : plan.route;
  const known = settingsOfRoute(target, route);
  const fitting = Object.fromEntries(Object.entries(tuning).filter(([setting]) => known.includes(setting)));
  const expect = { ...plan.expect, drain: Math.max(plan.expect.drain, drainOf(target, route)) };
  return { ...plan, target: name, route, settings: { ...fitting, ...plan.settings }, expect };
}

function drainOf({ drain, routes }: Target, route: string): number {
  const carriers = Object.hasOwn(routes, route) ? routes[route] : undefined;
  const speaksHttp = carriers !== undefined && carriers.client.protocol !== 'bytes';
  return drain ?? (speaksHttp ? DRAIN_OF_HTTP : 0);
}
