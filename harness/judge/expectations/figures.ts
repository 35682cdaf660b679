import type { Sample } from '../../probe/protocol.ts';
import type { Figures } from '../../scenario/expectations.ts';
import { publishedSince } from '../../published-since.ts';
import { rangeInWords, within } from '../../count-range.ts';
import type { Evidence } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Invariant } from '../verdict.ts';
import { oneLine } from '../words.ts';

/** Findings for published figures that differ from the expected ones, while connections live and after all have ended. */
export function wrongFigures(evidence: Evidence): Invariant[] {
  const { baseline, settled, looks } = evidence;
  const expected = evidence.case.expect.figures;
  if (expected === undefined || baseline === undefined) return [];
  const at = (when: string, figures: Figures | undefined, sample: Sample | undefined): Invariant[] =>
    sample === undefined ? [] : wrongAt(evidence, when, figures ?? {}, baseline.sample, sample);
  return [
    ...(expected.looks ?? []).flatMap((figures, index) =>
      at(`at look ${index + 1}`, figures, looks[index]?.sample),
    ),
    ...at('when all had ended', expected.after, settled?.sample),
  ];
}

function wrongAt(
  { case: { connections } }: Evidence,
  when: string,
  figures: Figures,
  baseline: Sample,
  sample: Sample,
): Invariant[] {
  return Object.entries(figures).flatMap(([name, range]): Invariant[] => {
    const added = publishedSince(baseline, sample, name);
    if (within(added, range, connections.count)) return [];
    const shown = Number.isNaN(added) ? 'not published' : String(added);
    const detail = `\`${oneLine(name, 60)}\` is ${shown} ${when}, expected ${rangeInWords(range, connections.count)}`;
    return [
      {
        kind: 'invariant',
        invariant: 'figures',
        message: `a published figure is wrong: ${detail}`,
        fingerprint: fingerprint('invariant figures', name, when),
        detail,
      },
    ];
  });
}
