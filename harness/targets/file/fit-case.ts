import { stopsTarget } from '../../scenario/case-traits.ts';
import { isOfKind } from '../../scenario/generic-routes.ts';
import { isKernelFault } from '../../scenario/fault.ts';
import type { Case } from '../../scenario/case.ts';
import type { Fault } from '../../scenario/fault.ts';
import { settingsOfRoute } from './target-config.ts';
import type { TargetRoute } from './route-schema.ts';
import type { Target } from './target.ts';

/** Drain limit for HTTP, ms: by default Node's servers keep idle connections for 5 s, and pools of clients for 4 s. */
const DRAIN_OF_HTTP = 7000;

/** Connections that end at once within the drain limit itself, and the time that closing each further one takes a processor, ms. */
const ENDED_AT_ONCE = 1000;
const CLOSING = 1;

/** Time that peers need to notice an exit, ms. */
const AFTER_GRACE = 1000;

/**
 * Adapts a case to a target: to a route that can carry it if it asks for none in particular, with those of its tuning settings that the
 * target has, with the contract expectations that the target promises, and with the time that the
 * target's own timers need.
 *
 * @param asked route of the target that replaces others which carry the same
 * @example
 * fitCase(plan, 'haproxy', loadTarget('haproxy')).settings; // {}: HAProxy has no `grace`
 */
export function fitCase(
  { tuning = {}, contract, ...plan }: Case,
  name: string,
  target: Target,
  asked?: string,
): Case {
  const route =
    (asked !== undefined && carries(asked, plan, target) ? asked : undefined) ?? routeFor(plan, target);
  const known = settingsOfRoute(target, route);
  const fitting = Object.fromEntries(Object.entries(tuning).filter(([setting]) => known.includes(setting)));
  const promised = target.contract ? contract : undefined;
  const expected = { ...plan.expect, ...promised?.expect };
  const patience = plan.faults.some(isSilence) ? target.patience : 0;
  const expect = {
    ...expected,
    drain: Math.max(expected.drain, drainOf(target, route)) + patience + closing(plan),
  };
  const deadline = Math.max(
    (promised?.deadline ?? plan.deadline) + patience,
    // peers wait for as long as the exit may take
    stopsTarget(plan) ? target.stop.grace + AFTER_GRACE : 0,
  );
  return { ...plan, target: name, route, settings: { ...fitting, ...plan.settings }, expect, deadline };
}

/** Processor time that a target needs to close connections that end at the same moment, ms: thousands take seconds. */
function closing({ connections: { count, concurrent } }: Case): number {
  return CLOSING * Math.max(0, Math.min(count, concurrent) - ENDED_AT_ONCE);
}

/** Whether the target may notice a fault only after a timeout or a retry of its own. */
function isSilence(fault: Fault): boolean {
  return isKernelFault(fault) || ['blackhole', 'refused', 'down'].includes(fault.kind);
}

/**
 * Chooses a route for a case if the target has none of that name; for a server, one without an upstream.
 * A script of bytes needs a tunnel; HTTP has scenarios of its own, since a gateway answers where a tunnel ends.
 */
function routeFor({ kind, route, server, over }: Case, { routes }: Target): string {
  const suits = ({ upstream }: TargetRoute): boolean => (upstream === undefined) === (server ?? false);
  const named = Object.hasOwn(routes, route) ? routes[route] : undefined;
  // a case that names its peers' protocols means them relative to bare TCP
  if (named !== undefined && (kind === 'own' || suits(named))) return route;
  if (over !== undefined) return route;
  const all = Object.entries(routes);
  const suitable = all.filter(([, one]) => suits(one));
  const fitting = suitable.filter(([, one]) => isOfKind(route, one));
  const any = kind === 'own' && route === 'tcp' ? [...suitable, ...all] : [];
  return (fitting[0] ?? any[0])?.[0] ?? route;
}

/** Whether a case runs on this route although it may ask for another one of its kind. */
function carries(asked: string, { kind, route, server, over }: Case, { routes }: Target): boolean {
  const found = Object.hasOwn(routes, asked) ? routes[asked] : undefined;
  if (found === undefined || asked === route) return found !== undefined;
  if (over !== undefined || (found.upstream === undefined) !== (server ?? false)) return false;
  return isOfKind(route, found) || (kind === 'own' && route === 'tcp');
}

function drainOf({ drain, routes }: Target, route: string): number {
  const transports = Object.hasOwn(routes, route) ? routes[route] : undefined;
  const speaksHttp = transports !== undefined && transports.client.protocol !== 'bytes';
  return drain ?? (speaksHttp ? DRAIN_OF_HTTP : 0);
}
