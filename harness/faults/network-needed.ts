import type { NetworkKind } from '../lab/network.ts';
import type { Case } from '../scenario/scenario.ts';

/** The least network that a case's faults can be made in; `undefined`: any, the machine's own too. */
export function networkNeeded({ lab }: Pick<Case, 'lab' | 'faults'>): NetworkKind | undefined {
  return lab;
}
