import { setTimeout as delay } from 'node:timers/promises';

import { within } from '../../count-range.ts';
import type { Sample } from '../../probe/protocol.ts';
import { publishedSince } from '../../published-since.ts';
import type { Figures } from '../../scenario/expectations.ts';
import type { CaseContext } from '../case-context.ts';

/** Longest wait for a figure: a log line comes a moment later than the event that it tells of, on a busy machine much later. ms */
const FIGURES_WITHIN = 5_000;

/** Polls until the published figures are as expected; resolves with that sample, or with the last one when they never are. */
export async function untilPublished(
  { case: { connections }, lab, baseline }: Pick<CaseContext, 'case' | 'lab' | 'baseline'>,
  { figures }: { figures: Figures },
): Promise<Sample> {
  const end = performance.now() + FIGURES_WITHIN;
  for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
    const sample = await lab.observer.sample();
    const isThere = Object.entries(figures).every(([name, range]) =>
      within(publishedSince(baseline, sample, name), range, connections.count),
    );
    if (isThere || performance.now() > end) return sample;
    await delay(pause);
  }
}
