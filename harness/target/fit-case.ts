import type { Protocol } from '../scenario/carrier.ts';
import type { Case } from '../scenario/scenario.ts';
import { settingsOfRoute } from './target-config.ts';
import type { Target } from './target-file.ts';

/** The route of scenarios that name none. */
const ANY_ROUTE = 'tcp';

/** ms: by default HTTP servers of Node keep idle connections for 5 s, and clients' pools theirs for 4 s. */
const DRAIN_OF_HTTP = 7000;

/** Protocols that pass the bytes of a script on as they are. */
const TUNNELS: readonly Protocol[] = ['bytes', 'connect', 'socks5'];

/**
 * A case for another target than the one it was written for, or for its own: on a route that can carry it where it asks for none in particular,
 * with as much of its tuning as the target has settings for, with what the target promises beyond what holds for all, and with the
 * time that the target needs to drain.
 *
 * @example
 * fitCase(plan, 'haproxy', loadTarget('haproxy')).settings; // {}: HAProxy has no `grace`
 */
export function fitCase({ tuning = {}, contract, ...plan }: Case, name: string, target: Target): Case {
  const route = routeFor(plan, target);
  const known = settingsOfRoute(target, route);
  const fitting = Object.fromEntries(Object.entries(tuning).filter(([setting]) => known.includes(setting)));
  const promised = target.contract ? { ...plan.expect, ...contract?.expect } : plan.expect;
  const expect = { ...promised, drain: Math.max(promised.drain, drainOf(target, route)) };
  return { ...plan, target: name, route, settings: { ...fitting, ...plan.settings }, expect };
}

/** A script of bytes is for a tunnel; HTTP has scenarios of its own, since a gateway answers where a tunnel ends. */
function routeFor({ kind, route }: Pick<Case, 'kind' | 'route'>, { routes }: Target): string {
  if (route !== ANY_ROUTE || Object.hasOwn(routes, ANY_ROUTE)) return route;
  const all = Object.entries(routes);
  const fitting = kind === 'own' ? all : all.filter(([, { client }]) => TUNNELS.includes(client.protocol));
  return fitting[0]?.[0] ?? route;
}

function drainOf({ drain, routes }: Target, route: string): number {
  const carriers = Object.hasOwn(routes, route) ? routes[route] : undefined;
  const speaksHttp = carriers !== undefined && carriers.client.protocol !== 'bytes';
  return drain ?? (speaksHttp ? DRAIN_OF_HTTP : 0);
}
