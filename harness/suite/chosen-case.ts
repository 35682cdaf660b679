import type { Case } from '../scenario/case.ts';

/** A case with the target that it is to run on: made by `selectCases`, run by `runSuite`. */
export type ChosenCase = {
  testCase: Case;
  /** loaded target file; everything but its name is for lastfin itself */
  target: { readonly name: string };
  /** only this route was asked for */
  route?: string;
  /** the run has another target than the one that the scenario names */
  replaced: boolean;
  /** the user has named this very case */
  named: boolean;
};
