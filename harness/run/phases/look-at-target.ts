import { setTimeout as delay } from 'node:timers/promises';

import { within } from '../../count-range.ts';
import type { Sample } from '../../probe/protocol.ts';
import { publishedSince } from '../../published-since.ts';
import type { Case } from '../../scenario/case.ts';
import type { Figures } from '../../scenario/expectations.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';

/** A figure out of a log line comes a moment later than what it tells of, on a busy machine a long one. ms */
const FIGURES_WITHIN = 5_000;

/** A sample in which these figures have come to what is expected, or the last one where they do not. */
export async function untilPublished(
  { observer }: Pick<CaseLab, 'observer'>,
  { connections: { count } }: Pick<Case, 'connections'>,
  baseline: Sample,
  expected: Figures,
): Promise<Sample> {
  const end = performance.now() + FIGURES_WITHIN;
  for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
    const sample = await observer.sample();
    const isThere = Object.entries(expected).every(([name, range]) =>
      within(publishedSince(baseline, sample, name), range, count),
    );
    if (isThere || performance.now() > end) return sample;
    await delay(pause);
  }
}
