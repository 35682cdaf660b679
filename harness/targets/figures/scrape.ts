import http from 'node:http';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { chosen, parseMetrics, parseSelector } from './prometheus.ts';

/** Selectors of a target's metrics, by the names of lastfin's figures. */
export type MetricsFormat = {
  gauges: Record<string, string>;
  counters: Record<string, string>;
  /** counters of ended sides, one metric for each reason: the label `reason` has it */
  terminations?: { incoming?: string | undefined; outgoing?: string | undefined; reason: string } | undefined;
};

export type Figures = {
  gauges: Record<string, number>;
  counters: Record<string, number>;
  terminations: { incoming: Record<string, number>; outgoing: Record<string, number> };
};

/** Time limit for the page, ms. */
const PAGE_WITHIN = 5_000;

/**
 * Reads the figures of a target's metrics page. Resolves once its connection has ended on both sides, so that no count includes it.
 *
 * @throws {LastfinError} LASTFIN_TARGET_METRICS if there is no page, or a figure is missing on it.
 */
export async function scrape(url: string, format: MetricsFormat): Promise<Figures> {
  const page = await get(url);
  const metrics = parseMetrics(page);
  const sum = (name: string, selector: string): number => {
    const found = chosen(metrics, selector);
    if (found.length === 0 && !isAnnounced(page, selector))
      throw failure(url, `no metric \`${selector}\` for \`${name}\` on the page`);
    return found.reduce((total, { value }) => total + value, 0);
  };
  const all = (selectors: Record<string, string>): Record<string, number> =>
    Object.fromEntries(Object.entries(selectors).map(([name, selector]) => [name, sum(name, selector)]));
  // a reason that has not occurred may have no metric yet
  const byReason = (selector: string | undefined): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { labels, value } of selector === undefined ? [] : chosen(metrics, selector)) {
      const reason = labels[format.terminations?.reason ?? ''] ?? 'unknown';
      counts[reason] = (counts[reason] ?? 0) + value;
    }
    return counts;
  };
  const { terminations } = format;
  return {
    gauges: all(format.gauges),
    counters: all(format.counters),
    terminations: {
      incoming: byReason(terminations?.incoming),
      outgoing: byReason(terminations?.outgoing),
    },
  };
}

/** Whether the page announces a metric: one with labels has no line until a label has occurred. */
function isAnnounced(page: string, selector: string): boolean {
  const { name = '', labels = {} } = parseSelector(selector) ?? {};
  return (
    Object.keys(labels).length > 0 && page.split('\n').some((line) => line.startsWith(`# TYPE ${name} `))
  );
}

function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: PAGE_WITHIN }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', (cause) => reject(failure(url, 'the answer broke off', cause)));
      response.once('close', () => {
        const { statusCode } = response;
        if (statusCode === 200) resolve(text);
        else reject(failure(url, `answered with status ${statusCode}`));
      });
    });
    request.once('timeout', () => request.destroy(new Error(`nothing within ${PAGE_WITHIN} ms`)));
    request.once('error', (cause) => reject(failure(url, cause.message, cause)));
  });
}

function failure(url: string, what: string, cause?: unknown): LastfinError {
  return new LastfinError('LASTFIN_TARGET_METRICS', `the target's metrics at ${url}: ${what}`, {
    facts: { url },
    ...(cause === undefined ? {} : { cause }),
  });
}
