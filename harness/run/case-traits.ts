import type { Case } from '../scenario/scenario.ts';

/** Tells whether the case lets time pass inside the target. */
export function letsTimePass({ client }: Pick<Case, 'client'>): boolean {
  return client.some(({ kind }) => kind === 'advance');
}

/** Tells whether the case itself tells the target to stop. */
export function stopsTarget({ faults }: Pick<Case, 'faults'>): boolean {
  return faults.some(({ kind }) => kind === 'shutdown');
}
