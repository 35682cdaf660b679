import type { Verdict } from '../../../judge/verdict.ts';
import { MARKS } from '../parts/verdict.tsx';
import { filterAddress } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';

const ORDER: readonly Verdict[] = ['failed', 'error', 'flaky', 'skipped', 'passed'];

/** Share of each verdict, and its number; each leads to its cases. */
export function VerdictBar({ counts }: { counts: Record<Verdict, number> }): JSX.Element {
  const shown = ORDER.filter((verdict) => counts[verdict] > 0);
  return (
    <div class="verdicts">
      <div class="bar" aria-hidden="true">
        {shown.map((verdict) => (
          <span key={verdict} class={verdict} style={{ flexGrow: counts[verdict] }} />
        ))}
      </div>
      <ul>
        {shown.map((verdict) => (
          <li key={verdict}>
            <a href={filterAddress({ verdict, cause: '', kind: '', area: '', q: '' })}>
              <span class={`mark ${verdict}`} aria-hidden="true">
                {MARKS[verdict]}
              </span>
              <strong>{counts[verdict].toLocaleString('en')}</strong> {verdict}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
