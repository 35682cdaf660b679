import type { Path } from '../../shared/yaml-file/yaml-source.ts';
import type { Case, ClientGroup } from './case.ts';
import type { Step } from './step.ts';

/**
 * Groups the clients of a case: those of `clients`, or the single group that `client` and `connections` make.
 *
 * @example
 * clientGroups({ client: [{ kind: 'open' }], connections: { count: 2, concurrent: 2 } }).length; // 1
 */
export function clientGroups(
  plan: Pick<Case, 'client' | 'clients' | 'connections'>,
): (ClientGroup & { path: Path })[] {
  if (plan.clients === undefined) return [{ ...plan.connections, script: plan.client, path: ['client'] }];
  return plan.clients.map((group, index) => ({ ...group, path: ['clients', index, 'script'] }));
}

/** Most runs of the upstream's script for one client: once for each request. */
export function requestsOf(script: readonly Step[]): number {
  const asks = (step: Step): boolean =>
    step.kind === 'request' || step.kind === 'ask' || (step.kind === 'grpc' && step.act.type === 'call');
  return Math.max(1, script.filter(asks).length);
}
