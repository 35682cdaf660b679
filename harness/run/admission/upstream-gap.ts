import { needsUpstream } from '../../scenario/check/check-server.ts';
import { clientGroups } from '../../scenario/client-groups.ts';
import type { Case } from '../../scenario/case.ts';
import type { Step } from '../../scenario/step.ts';
import { clientsFit } from '../../scenario/generic-routes.ts';
import type { Target } from '../../targets/file/target.ts';
import type { Transports } from './transport-gap.ts';

const NONE = 'need an upstream';
const FOR_SERVERS = 'are about servers without an upstream';

/** Why a case is not about a target with, or without, an upstream; undefined where it is. */
export function upstreamGap(testCase: Case, transports: Transports): string | undefined {
  const { server = false, kind, upstream, faults } = testCase;
  if (transports.upstream !== undefined) return server ? FOR_SERVERS : undefined;
  if (server) return undefined;
  // scenarios not written for servers are made for two sides, even where their upstream only holds connections
  if (kind !== 'own') return NONE;
  if (upstream.length > 0) return `${NONE}: they have a script for it`;
  const fault = faults.find((one) => needsUpstream(one) || one.when.at === 'established');
  if (fault !== undefined) return `${NONE} for the fault \`${fault.kind}\``;
  const waits = clientGroups(testCase).some(({ script }) => script.some(waitsForUpstream));
  return waits ? `${NONE}: a step waits for \`established\`` : undefined;
}

/** Why a case has no route, where a route of the target differs in its upstream alone from those that would do; undefined where none does. */
export function upstreamAlone(
  { server, route }: Pick<Case, 'server' | 'route'>,
  { routes }: Pick<Target, 'routes'>,
): string | undefined {
  const alike = Object.values(routes).filter(({ client }) => clientsFit(route, client));
  if (server) return alike.some(({ upstream }) => upstream !== undefined) ? FOR_SERVERS : undefined;
  return alike.some(({ upstream }) => upstream === undefined) ? NONE : undefined;
}

const waitsForUpstream = (step: Step): boolean => step.kind === 'wait' && step.for.state === 'established';
