import { fidelityOn, impossibleOn } from '../faults/fidelity.ts';
import { networkNeeded } from '../faults/network-needed.ts';
import type { Machine, Want } from '../lab/machine.ts';
import type { NetworkKind } from '../lab/network.ts';
import type { Case } from '../scenario/scenario.ts';
import { privilegesOf } from '../target/privileges.ts';
import { missingRequirement } from '../target/requirements.ts';
import { settingsOfRoute } from '../target/target-config.ts';
import type { Target } from '../target/target-file.ts';
import { carrierGap, carriersOf } from './carrier-gap.ts';
import { upstreamGap } from './upstream-gap.ts';
import { letsTimePass, stopsTarget } from './case-traits.ts';
import { chooseNetwork, type LabMode } from './choose-network.ts';

/** Whether a case runs, decided before the run from its plan, its target and the machine. */
export type Admission =
  | { as: 'run'; network: NetworkKind }
  /** it applies to the target, but something cannot be had here */
  | { as: 'skipped'; reason: string; want?: Want; forWantOf?: NetworkKind }
  /** it is about something that this target does not have or promise; `settings`: those that would make it apply */
  | { as: 'not-applicable'; reason: string; settings?: readonly string[] };

export type AdmissionContext = {
  target: Target;
  mode: LabMode;
  machine: Machine;
  /** the run has another target than the one that the scenario names */
  replaced: boolean;
  /** the user has named this very case: it runs on the target that he has named, whatever the scenario was written for */
  named: boolean;
};

/**
 * Admits a case to a run, as real as the machine allows. Pure.
 *
 * @example
 * admit(plan, { target, mode: 'auto', machine: await examineMachine(), replaced: false, named: false }); // { as: 'run', network: 'single' }
 */
export function admit(plan: Case, context: AdmissionContext): Admission {
  const { target, mode } = context;
  const unfit = unfitness(plan, context);
  if (unfit !== undefined) return { as: 'not-applicable', ...unfit };
  const missing = missingRequirement(target);
  if (missing !== undefined) return { as: 'skipped', ...missing };
  const needed = networkFor(plan, target);
  const network = chooseNetwork(needed, mode, (kind) => whyNotOn(kind, plan, target));
  if (!('unfit' in network)) return { as: 'run', network: network.kind };
  const want = wantOfNetwork(context.machine);
  return {
    as: 'skipped',
    reason: network.unfit,
    ...(want === undefined ? {} : { want }),
    ...(needed === undefined ? {} : { forWantOf: needed }),
  };
}

type Unfit = { reason: string; settings?: readonly string[] };

/** Why a case is not about this target, or asks for what only the target that it was written for has. */
function unfitness(plan: Case, { target, replaced, named }: AdmissionContext): Unfit | undefined {
  const { kind, settings, route } = plan;
  if (replaced && kind !== 'own' && !named) return { reason: 'it is about a target of its own' };
  const carriers = carriersOf(plan, target);
  if (carriers === undefined) return { reason: `the target has no route \`${route}\`` };
  const upstream = upstreamGap(plan, carriers);
  if (upstream !== undefined) return { reason: upstream };
  const known = settingsOfRoute(target, route);
  const unknown = Object.keys(settings).filter((setting) => !known.includes(setting));
  if (unknown.length > 0)
    return { reason: `the target has no setting \`${unknown.join('`, `')}\``, settings: unknown };
  const promises = target.contract || plan.ownTarget || Object.keys(settings).length > 0;
  if (kind === 'contract' && !promises && !named)
    return { reason: 'it is a contract of the reference proxy' };
  return unfitForPid(plan, target) ?? unfitForMeans(plan, target) ?? gapOf(plan, carriers);
}

function gapOf(plan: Case, carriers: NonNullable<ReturnType<typeof carriersOf>>): Unfit | undefined {
  const reason = carrierGap(plan, carriers);
  return reason === undefined ? undefined : { reason };
}

/** A process that runs already can be told nothing at its start, and is not stopped. */
function unfitForPid(plan: Case, { pid }: Target): Unfit | undefined {
  if (pid === undefined) return undefined;
  if (Object.keys(plan.settings).length > 0)
    return { reason: 'settings are given at the start, and the target (--pid) is running already' };
  if (stopsTarget(plan)) return { reason: 'the target (--pid) is not ours to stop: it was running before' };
  return undefined;
}

/** The target lacks a means that the case works by: a clock that can be advanced, a config that can be read again, an account of its ends. */
function unfitForMeans(plan: Case, target: Target): Unfit | undefined {
  const { metrics, ends, publishes, kind, pid, reload, routes } = target;
  if (
    stopsTarget(plan) &&
    metrics?.terminations !== undefined &&
    !publishes.terminations &&
    ends === undefined
  )
    return {
      reason:
        'its metrics page goes away as it stops, and it logs no ends: nobody could say how its connections ended',
    };
  if ((kind !== 'node' || pid !== undefined) && letsTimePass(plan))
    return { reason: 'time can be advanced only in a Node program' };
  const reloading = plan.faults.find((fault) => fault.kind === 'reload');
  if (reloading && !(reload && Object.hasOwn(routes, reloading.route)))
    return { reason: `the target does not reload to the route \`${reloading.route}\`` };
  return undefined;
}

/** Why not even with faults of a lower fidelity. */
function whyNotOn(kind: NetworkKind, plan: Case, target: Target): string | undefined {
  const simulated = plan.faults.find((fault) => fidelityOn(kind, fault) === 'simulated');
  if (simulated !== undefined && target.kind !== 'node')
    return `the fault \`${simulated.kind}\` can be simulated only inside a Node target`;
  if (privilegesOf(target, plan.route).length > 0) return 'its target needs privileges';
  return impossibleOn(kind, plan);
}

/** Privileges are given only where they reach no further than our own network. */
function networkFor(plan: Case, target: Target): NetworkKind | undefined {
  return networkNeeded(plan) ?? (privilegesOf(target, plan.route).length > 0 ? 'single' : undefined);
}

function wantOfNetwork({ namespace }: Machine): Want | undefined {
  return namespace === undefined ? undefined : { what: 'network namespaces', mend: namespace.mend };
}
