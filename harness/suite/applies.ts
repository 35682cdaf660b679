import { admit } from '../run/admission/admit.ts';
import type { ChosenCase } from './chosen-case.ts';
import { onTarget } from './on-target.ts';

/** Whether a case applies to its target. A case that cannot run on this machine applies all the same. */
export function applies(chosen: ChosenCase): boolean {
  const { testCase, ...context } = onTarget(chosen);
  return admit(testCase, { ...context, mode: 'auto', machine: { lacks: {} } }).as !== 'not-applicable';
}
