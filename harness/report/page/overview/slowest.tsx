import type { Row } from '../../html/run-data.ts';
import { duration } from '../parts/format.ts';
import { VerdictMark } from '../parts/verdict.tsx';
import { caseAddress, filterAddress } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';

const MOST = 6;
/** ms below which a drain is as good as none. */
const LEAST = 50;

/** Cases that took longest until the target was back at its baseline. */
export function Slowest({ rows }: { rows: readonly Row[] }): JSX.Element | null {
  const slow = rows
    .flatMap((row) => (row.drain === undefined ? [] : [{ row, drain: row.drain }]))
    .toSorted((a, b) => b.drain - a.drain)
    .slice(0, MOST);
  const most = slow[0]?.drain ?? 0;
  if (most < LEAST) return null;
  return (
    <section>
      <h2>
        Longest drains <a href={filterAddress({ sort: 'drain', verdict: '', cause: '' })}>all</a>
      </h2>
      <ol class="slowest card">
        {slow.map(({ row, drain }) => (
          <li key={row.id}>
            <VerdictMark verdict={row.verdict} />
            <a href={caseAddress(row.id)}>{row.id}</a>
            <span class="track" aria-hidden="true">
              <span style={{ width: `${(drain / most) * 100}%` }} />
            </span>
            <span class="figure">{duration(drain)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
