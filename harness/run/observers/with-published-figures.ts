import { setTimeout as delay } from 'node:timers/promises';

import type { Observer } from '../../probe/observer.ts';
import type { Sample } from '../../probe/protocol.ts';
import { type Asked, fillUrl } from '../../targets/file/fill-url.ts';
import { type MetricsFormat, scrape } from '../../targets/figures/scrape.ts';
import type { Target } from '../../targets/file/target.ts';
import { mappingSamples } from './mapping-samples.ts';

/**
 * Adds the figures of the target's metrics page to an observer's samples, where the target file maps one. Resolves when the page is
 * served, which may be later than the target's port.
 *
 * @throws {LastfinError} LASTFIN_TARGET_METRICS when it is not there within the target's `ready.timeout`
 */
export async function publishing(
  observer: Observer,
  { metrics, ready }: Pick<Target, 'metrics' | 'ready'>,
  addresses: Asked,
  signal: AbortSignal,
): Promise<Observer> {
  if (metrics === undefined) return observer;
  const url = fillUrl(metrics.url, addresses);
  await untilServed(url, metrics, ready.timeout, signal);
  return addingFigures(observer, () => scrape(url, metrics));
}

/** Adds gauges and counters to an observer's samples. */
export function counting(observer: Observer, read: () => Pick<Sample, 'gauges' | 'counters'>): Observer {
  return addingFigures(observer, async () => ({
    ...read(),
    terminations: { incoming: {}, outgoing: {} },
  }));
}

function addingFigures(
  observer: Observer,
  read: () => Promise<Pick<Sample, 'gauges' | 'counters' | 'terminations'>>,
): Observer {
  return mappingSamples(observer, async ({ gauges, counters, terminations, ...rest }) => {
    const more = await read();
    return {
      ...rest,
      gauges: { ...gauges, ...more.gauges },
      counters: { ...counters, ...more.counters },
      terminations: {
        incoming: { ...terminations.incoming, ...more.terminations.incoming },
        outgoing: { ...terminations.outgoing, ...more.terminations.outgoing },
      },
    };
  });
}

async function untilServed(
  url: string,
  format: MetricsFormat,
  within: number,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + within;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    try {
      await scrape(url, format);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await delay(pause, undefined, { signal });
  }
}
