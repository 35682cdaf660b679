import { admit } from '../run/admission/admit.ts';
import type { NotApplicable } from '../run/admission/admissions.ts';
import type { ChosenCase } from './chosen-case.ts';
import { onTarget } from './on-target.ts';

/** Whether a case applies to its target. A case that cannot run on this machine applies all the same. */
export function applies(chosen: ChosenCase): boolean {
  return whyNotApplicable(chosen) === undefined;
}

/** Reason why a case does not apply to its target; undefined where it does. */
export function whyNotApplicable(chosen: ChosenCase): NotApplicable | undefined {
  const { testCase, ...context } = onTarget(chosen);
  const admission = admit(testCase, { ...context, mode: 'auto', machine: { lacks: {} } });
  if (admission.as !== 'not-applicable') return undefined;
  const { as: _, ...why } = admission;
  return { testCase, target: context.target, ...why };
}
