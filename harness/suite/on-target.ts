import type { Target } from '../targets/file/target.ts';
import type { ChosenCase } from './chosen-case.ts';

/** A chosen case with all of its target. */
export type CaseOnTarget = ChosenCase & { target: Target };

/** Gives a chosen case its whole target back. The public type leaves it out: it would bring the schema of target files into every user's types. */
export function onTarget(chosen: ChosenCase): CaseOnTarget {
  return chosen as CaseOnTarget;
}
