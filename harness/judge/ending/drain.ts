import type { Report } from '../../probe/protocol.ts';
import type { Resource } from '../../resource.ts';
import type { Evidence } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import { growth, total } from '../tally.ts';
import type { Finding } from '../verdict.ts';

/** Finding for a target that is not back at its baseline in time, unless a leak explains it (`leaking`). */
export function lateDrain(evidence: Evidence, leaking: boolean): Finding[] {
  const { drain } = evidence;
  if (drain === undefined || evidence.shutdown) return [];
  const { took, limit } = drain;
  if (drain.drained) {
    if (took <= limit) return [];
    return [
      {
        kind: 'drain',
        message: `drained only after ${ms(took)} ms; the limit is ${ms(limit)} ms`,
        fingerprint: 'drain late',
        took,
        limit,
      },
    ];
  }
  if (leaking || explainedByResidents(evidence)) return [];
  const left = leftOver(evidence);
  const what = left.length === 0 ? 'it was only just after' : `still above the baseline: ${left.join(', ')}`;
  return [
    {
      kind: 'drain',
      message: `not back at the baseline within ${ms(limit)} ms; ${what}`,
      fingerprint: fingerprint('drain never', ...left),
      took,
      limit,
    },
  ];
}

/** Counts that are above the baseline, in words. */
function leftOver(evidence: Evidence): string[] {
  const { baseline, settled } = evidence;
  if (baseline === undefined || settled === undefined) return [];
  const words: string[] = [];
  for (const [kind, key] of [
    ['gauge', 'gauges'],
    ['active', 'resources'],
    ['descriptor', 'fds'],
  ] as const) {
    for (const [name, by] of growth(baseline.sample[key], settled.sample[key])) {
      if (by > 0) words.push(`${kind} ${name} +${by}`);
    }
  }
  return words;
}

/**
 * Whether something was created once and stays, such as a pool: the confirming rounds, which run only for such suspects, added
 * nothing to any count beyond the room that the pool had left. Then the harness waited in vain, and the target is not late.
 */
function explainedByResidents(evidence: Evidence): boolean {
  const { baseline, settled, confirmed, reports } = evidence;
  if (settled === undefined || confirmed === undefined || reports.confirmed === undefined) return false;
  if (!reports.settled?.suspects.some((suspect) => suspect.rule !== 'presence')) return false;
  const filledUp = Math.max(0, counted(reports.confirmed) - counted(reports.settled));
  const isExplained = (key: 'gauges' | 'resources' | 'fds'): boolean =>
    [...growth(settled.sample[key], confirmed.sample[key]).values()].every((by) => by <= filledUp);
  // things that end shortly after the limit may be half gone in one look and complete in another
  const areNamed = (): boolean =>
    total(growth(baseline?.sample.fds ?? {}, confirmed.sample.fds)) <= descriptorsOf(reports.confirmed);
  return isExplained('gauges') && isExplained('resources') && (isExplained('fds') || areNamed());
}

const HAVE_DESCRIPTORS: readonly Resource[] = ['socket', 'server', 'handle', 'descriptor', 'tcp'];

/** Number of descriptors that a report names. Each of them is judged by itself. */
function descriptorsOf({ suspects }: Pick<Report, 'suspects'> = { suspects: [] }): number {
  return suspects.reduce(
    (sum, { resource, count }) => (HAVE_DESCRIPTORS.includes(resource) ? sum + count : sum),
    0,
  );
}

/** Number of counted things in a report, without memory, which has no descriptors and is watched separately. */
function counted({ suspects }: Pick<Report, 'suspects'>): number {
  return suspects.reduce((sum, { rule, count }) => (rule === 'slope' ? sum : sum + count), 0);
}

function ms(value: number): number {
  return Math.round(value);
}
