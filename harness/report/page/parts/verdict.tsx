import type { Verdict } from '../../../judge/verdict.ts';
import type { JSX } from '../packages/preact.ts';

/** A mark a verdict, beside its colour, for those who do not see colour. */
export const MARKS: Record<Verdict, string> = {
  passed: '✓',
  failed: '✕',
  flaky: '≈',
  skipped: '–',
  error: '!',
};

/** Mark of a verdict. */
export function VerdictMark({ verdict }: { verdict: Verdict }): JSX.Element {
  return (
    <span class={`mark ${verdict}`} role="img" aria-label={verdict} title={verdict}>
      {MARKS[verdict]}
    </span>
  );
}
