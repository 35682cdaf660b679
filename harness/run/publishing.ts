import { setTimeout as delay } from 'node:timers/promises';

import type { Observer } from '../probe/observer.ts';
import { type Asked, fillUrl } from '../target/fill-url.ts';
import { type MetricsFormat, scrape } from '../target/scrape.ts';
import type { Target } from '../target/target-file.ts';

/**
 * An observer whose samples have the figures of the target's metrics page in them too, where its file maps one. Resolves when the page
 * is there, which may be later than the target's port.
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
  return {
    blind: observer.blind,
    sample: async () => {
      const { gauges, counters, terminations, ...rest } = await observer.sample();
      const page = await scrape(url, metrics);
      return {
        ...rest,
        gauges: { ...gauges, ...page.gauges },
        counters: { ...counters, ...page.counters },
        terminations: {
          incoming: { ...terminations.incoming, ...page.terminations.incoming },
          outgoing: { ...terminations.outgoing, ...page.terminations.outgoing },
        },
      };
    },
    baseline: () => observer.baseline(),
    report: () => observer.report(),
    memory: () => observer.memory(),
    memoryKind: observer.memoryKind,
    arm: (options) => observer.arm(options),
    explain: () => observer.explain(),
    alive: () => observer.alive(),
  };
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
