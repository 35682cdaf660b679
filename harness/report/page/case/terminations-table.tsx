import type { CountRange } from '../../../scenario/expectations.ts';
import type { Entry } from '../../../journal/entry.ts';
import type { ReportedCase } from '../../reported-case.ts';
import type { JSX } from '../packages/preact.ts';

type Ranges = Record<string, CountRange> | undefined;
type Line = { side: string; reason: string; expected: string; observed: number; right?: boolean };

/** How both sides ended, beside what the scenario expects. */
export function TerminationsTable({
  result,
  journal,
}: {
  result: ReportedCase;
  journal: readonly Entry[] | undefined;
}): JSX.Element | null {
  const head = journal?.[0];
  const expect = head?.type === 'case' ? head.case.expect : undefined;
  const all = result.connections ?? 0;
  // a target that publishes no reasons is not judged by them
  const published = head?.type === 'case' && head.publishes.terminations ? expect : undefined;
  const lines = [
    ...linesOf('incoming', published?.incoming, result.terminations.incoming, all),
    ...linesOf('outgoing', published?.outgoing, result.terminations.outgoing, all),
    ...linesOf('clients saw', expect?.client, result.seen?.client ?? {}, all),
    ...linesOf('upstreams saw', expect?.upstream, result.seen?.upstream ?? {}, all),
  ];
  if (lines.length === 0) return null;
  return (
    <section>
      <h2>How connections ended</h2>
      <table class="card ends">
        <thead>
          <tr>
            <th>side</th>
            <th>ended as</th>
            <th class="figure">expected</th>
            <th class="figure">observed</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {lines.map(({ side, reason, expected, observed, right }) => (
            <tr key={`${side} ${reason}`} class={right === false ? 'wrong' : ''}>
              <td>{side}</td>
              <td>
                <code>{reason}</code>
              </td>
              <td class="figure">{expected}</td>
              <td class="figure">{observed}</td>
              <td>{right === undefined ? '' : right ? '✓' : '✕'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function linesOf(side: string, ranges: Ranges, observed: Record<string, number>, all: number): Line[] {
  const reasons = [...new Set([...Object.keys(ranges ?? {}), ...Object.keys(observed)])];
  return reasons.map((reason) => {
    const count = observed[reason] ?? 0;
    if (ranges === undefined) return { side, reason, expected: '–', observed: count };
    const range = ranges[reason] ?? { min: 0, max: 0 };
    const [min, max] = [range.min, range.max].map((one) => (one === 'all' ? all : one)) as [number, number];
    const expected = min === max ? String(min) : `${min}–${max}`;
    return { side, reason, expected, observed: count, right: count >= min && count <= max };
  });
}
