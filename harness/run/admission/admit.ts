import { needsOf } from '../../faults/case-needs.ts';
import { fidelityOn, type Gap, gapOn, linkedSides } from '../../faults/fidelity.ts';
import { networkNeeded } from '../../faults/network-needed.ts';
import { findRealToxiproxy } from '../../faults/toxiproxy-process.ts';
import { familyOfFault } from '../../faults/ways.ts';
import { ABILITIES, type Ability } from '../../lab/abilities.ts';
import type { Machine } from '../../lab/machine.ts';
import type { Want } from '../../want.ts';
import type { NetworkKind } from '../../lab/network/network.ts';
import type { Case } from '../../scenario/case.ts';
import { privilegesOf } from '../../targets/process/privileges.ts';
import { publishesRecords } from '../../targets/file/publishes-records.ts';
import { deniedInspector, missingRequirement } from '../../targets/file/requirements.ts';
import { settingsOfRoute } from '../../targets/file/target-config.ts';
import type { Target } from '../../targets/file/target.ts';
import { transportGap, transportsOf } from './transport-gap.ts';
import { letsTimePass, stopsTarget, waitsForConnects, waitsForRecords } from '../../scenario/case-traits.ts';
import { upstreamAlone, upstreamGap } from './upstream-gap.ts';
import type { LabMode } from '../../lab/lab-mode.ts';
import { chooseNetwork } from './choose-network.ts';

/** Whether a case runs, decided before the run from the case, its target and the machine. */
export type Admission =
  | { as: 'run'; network: NetworkKind }
  /** the case applies to the target, but needs something that this machine does not have */
  | { as: 'skipped'; reason: string; want?: Want; forWantOf?: NetworkKind }
  /**
   * the case is about something that this target does not have or promise; `reason` is the end of a sentence about such cases, in the plural;
   * `settings`: settings that would make it apply
   */
  | { as: 'not-applicable'; reason: string; settings?: readonly string[] };

export type AdmissionContext = {
  target: Target;
  mode: LabMode;
  machine: Machine;
  /** `--toxiproxy` as it was given */
  toxiproxy?: string;
  /** only cases on this route are asked for (`--route`) */
  route?: string;
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
export function admit(testCase: Case, context: AdmissionContext): Admission {
  const { target, mode, machine } = context;
  const unfit = unfitness(testCase, context);
  if (unfit !== undefined) return { as: 'not-applicable', ...unfit };
  const missing =
    deniedInspector(target) ??
    missingRequirement(target, machine.lacks) ??
    missingToxiproxy(testCase, context);
  if (missing !== undefined) return { as: 'skipped', ...missing };
  const noSocketTable = machine.lacks[SOCKET_TABLE];
  if (noSocketTable !== undefined && waitsForConnects(testCase))
    return {
      as: 'skipped',
      reason: `it waits for connects that are pending, which only ${noSocketTable.what} tells`,
      want: noSocketTable,
    };
  const needed = networkFor(testCase, target);
  const network = chooseNetwork(needed, mode, (kind) => gapOf(kind, testCase, context));
  if ('kind' in network) return { as: 'run', network: network.kind };
  const { forMode, reason } = network;
  // in a network of its own the case would need nothing else of the machine
  const want = (forMode ? wantOfNetwork(machine) : undefined) ?? network.want;
  return {
    as: 'skipped',
    reason,
    ...(want === undefined ? {} : { want }),
    ...(needed === undefined ? {} : { forWantOf: needed }),
  };
}

/** Ability to see which connects are pending. */
export const SOCKET_TABLE: Ability = 'socket-table';

type Unfit = { reason: string; settings?: readonly string[] };

/** Why a case is not about this target, or asks for what only the target that it was written for has. */
function unfitness(testCase: Case, context: AdmissionContext): Unfit | undefined {
  const { target, replaced, named } = context;
  const { kind, settings, route } = testCase;
  if (replaced && kind !== 'own' && !named) return { reason: 'are about a target of their own' };
  if (context.route !== undefined && route !== context.route)
    return { reason: `are for another route than \`${context.route}\`` };
  const transports = transportsOf(testCase, target);
  if (transports === undefined)
    return { reason: upstreamAlone(testCase, target) ?? `need a route \`${route}\`` };
  const upstream = upstreamGap(testCase, transports);
  if (upstream !== undefined) return { reason: upstream };
  const known = settingsOfRoute(target, route);
  const unknown = Object.keys(settings).filter((setting) => !known.includes(setting));
  if (unknown.length > 0)
    return { reason: `need the settings \`${unknown.join('`, `')}\``, settings: unknown };
  const promises = target.contract || testCase.ownTarget || Object.keys(settings).length > 0;
  if (kind === 'contract' && !promises && !named) return { reason: 'are contracts of the reference proxy' };
  return (
    unfitForPid(testCase, target) ??
    unfitForMeans(testCase, target) ??
    unfitForTransports(testCase, transports)
  );
}

function unfitForTransports(
  testCase: Case,
  transports: NonNullable<ReturnType<typeof transportsOf>>,
): Unfit | undefined {
  const reason = transportGap(testCase, transports);
  return reason === undefined ? undefined : { reason: `cannot be told on this route: ${reason}` };
}

/** Why a case cannot run on an attached process (`--pid`), which gets no settings and is not stopped. */
function unfitForPid(testCase: Case, { pid }: Target): Unfit | undefined {
  if (pid === undefined) return undefined;
  if (Object.keys(testCase.settings).length > 0)
    return {
      reason: 'need settings, which are given at the start, and the target (--pid) is running already',
    };
  if (stopsTarget(testCase))
    return { reason: 'stop their target, and this one (--pid) is not ours to stop: it was running before' };
  return undefined;
}

/** Why the target lacks the means for a case, such as a clock that can be advanced, a config that can be reloaded, a log of ended connections. */
function unfitForMeans(testCase: Case, target: Target): Unfit | undefined {
  const { metrics, ends, publishes, kind, pid, reload, routes, names, families } = target;
  if (!families.includes(testCase.family) || testCase.addresses.some((family) => !families.includes(family)))
    return { reason: 'are about an IP version that the target does not speak' };
  if (names === 'start' && testCase.addresses.length > 0)
    return { reason: 'are about names, and the target looks its upstream up only once, at its start' };
  if (
    stopsTarget(testCase) &&
    metrics?.terminations !== undefined &&
    !publishes.terminations &&
    ends === undefined
  )
    return {
      reason:
        'stop their target, whose metrics page goes away then and which logs no ends: nobody could say how its connections ended',
    };
  if (waitsForRecords(testCase) && !publishesRecords(target))
    return { reason: 'wait for `records`, which the target file does not say how to read' };
  if ((kind !== 'node' || pid !== undefined) && letsTimePass(testCase))
    return { reason: 'advance the time, which needs a Node program' };
  const reloading = testCase.faults.find((fault) => fault.kind === 'reload');
  if (reloading && !(reload && Object.hasOwn(routes, reloading.route)))
    return { reason: `need a target that reloads to a route \`${reloading.route}\`` };
  return undefined;
}

/** Why a case cannot run on such a network, not even with faults of a lower fidelity. */
function gapOf(kind: NetworkKind, testCase: Case, { target, machine }: AdmissionContext): Gap | undefined {
  const ground = { network: kind, lacks: machine.lacks };
  const gap = gapOn(ground, testCase);
  if (gap !== undefined) return gap;
  const simulated = testCase.faults.find(
    (fault) => fidelityOn(ground, fault, familyOfFault(fault, testCase)) === 'simulated',
  );
  if (simulated !== undefined && target.kind !== 'node')
    return { reason: `the fault \`${simulated.kind}\` can be simulated only inside a Node target` };
  if (kind === 'none' && privilegesOf(target, testCase.route).length > 0)
    return { reason: 'its target needs privileges' };
  const missing = needsOf(testCase, kind).find((need) => machine.lacks[need] !== undefined);
  if (missing === undefined) return undefined;
  const want = machine.lacks[missing];
  return {
    reason: `it needs ${ABILITIES[missing].what}, which does not work here`,
    ...(want ? { want } : {}),
  };
}

/** Why a case with a link cannot run: the real Toxiproxy was asked for and is not installed. */
function missingToxiproxy(testCase: Case, { toxiproxy }: AdmissionContext): Gap | undefined {
  if (toxiproxy !== 'real' || linkedSides(testCase.faults).size === 0) return undefined;
  if (findRealToxiproxy() !== undefined) return undefined;
  const want = {
    what: 'the real Toxiproxy',
    fix: 'npm run setup, or set LASTFIN_TOXIPROXY_BIN to its path',
  };
  return { reason: 'it needs the real Toxiproxy (--toxiproxy real), which is not here', want };
}

/** Network that a case needs; a target with privileges gets at least one of its own, so that they reach no further. */
function networkFor(testCase: Case, target: Target): NetworkKind | undefined {
  return networkNeeded(testCase) ?? (privilegesOf(target, testCase.route).length > 0 ? 'single' : undefined);
}

function wantOfNetwork({ namespace }: Machine): Want | undefined {
  return namespace === undefined ? undefined : { what: 'network namespaces', fix: namespace.fix };
}
