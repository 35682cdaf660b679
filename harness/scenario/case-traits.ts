import { clientGroups } from './client-groups.ts';
import type { Case } from './scenario.ts';

/** Tells whether the case lets time pass inside the target. */
export function letsTimePass({ client }: Pick<Case, 'client'>): boolean {
  return client.some(({ kind }) => kind === 'advance');
}

/** Tells whether the case itself tells the target to stop. */
export function stopsTarget({ faults }: Pick<Case, 'faults'>): boolean {
  return faults.some(({ kind }) => kind === 'shutdown');
}

/** Tells whether a step or a fault waits for connects that are pending, which only the system can tell. */
export function waitsForConnects(
  plan: Pick<Case, 'client' | 'clients' | 'connections' | 'upstream' | 'faults'>,
): boolean {
  const steps = [...clientGroups(plan).flatMap(({ script }) => script), ...plan.upstream];
  return (
    steps.some((step) => step.kind === 'wait' && step.for.state === 'connecting') ||
    plan.faults.some(({ when }) => when.at === 'connecting')
  );
}
