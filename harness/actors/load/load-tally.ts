import { percentile } from '../../../shared/series/percentile.ts';
import type { LoadBucket, LoadSeen } from '../../journal/load-seen.ts';

/** Most buckets of a load. */
const MOST_BUCKETS = 100;

/** Shortest time of a bucket, ms. */
const SHORTEST = 100;

/** Outcome of a request: times by `performance.now()`, and a code where it failed. */
type Outcome = { since: number; at: number; code: string | undefined };

/** Counts what becomes of the requests of a load, by code and by time. */
export class LoadTally {
  readonly #outcomes: Outcome[] = [];

  add(since: number, at: number, code?: string): void {
    this.#outcomes.push({ since, at, code });
  }

  /**
   * Sums up. A latency is the time from when a request was due to its whole answer, less what `starved` says of that time.
   *
   * @param began `performance.now()` at the start
   * @param journalTime converts such a time into one of the journal
   */
  sum(
    { began, ended }: { began: number; ended: number },
    starved: (from: number, to: number) => number,
    journalTime: (at: number) => number,
  ): LoadSeen {
    const took = ended - began;
    const width = Math.max(SHORTEST, Math.ceil(took / MOST_BUCKETS));
    const buckets = new Map<number, Outcome[]>();
    for (const outcome of this.#outcomes) {
      const index = Math.max(0, Math.floor((outcome.at - began) / width));
      const bucket = buckets.get(index) ?? [];
      bucket.push(outcome);
      buckets.set(index, bucket);
    }
    const latency = ({ since, at }: Outcome): number => Math.max(0, at - since - starved(since, at));
    const latencies = this.#outcomes.filter(({ code }) => code === undefined).map(latency);
    return {
      began: journalTime(began),
      took: round(took),
      requests: this.#outcomes.length,
      answered: latencies.length,
      errors: errorsOf(this.#outcomes),
      ...percentiles(latencies),
      starved: round(starved(began, ended)),
      width,
      buckets: [...buckets]
        .toSorted(([one], [other]) => one - other)
        .map(([index, outcomes]): LoadBucket => {
          const good = outcomes.filter(({ code }) => code === undefined).map(latency);
          const { p99 } = percentiles(good);
          return {
            t: journalTime(began + index * width),
            requests: outcomes.length,
            errors: errorsOf(outcomes),
            ...(p99 === undefined ? {} : { p99 }),
          };
        }),
    };
  }
}

function errorsOf(outcomes: readonly Outcome[]): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const { code } of outcomes) if (code !== undefined) errors[code] = (errors[code] ?? 0) + 1;
  return errors;
}

/** Percentiles; none of no values. */
function percentiles(values: readonly number[]): { p50?: number; p99?: number } {
  const [p50, p99] = [percentile(values, 0.5), percentile(values, 0.99)];
  return p50 === undefined || p99 === undefined ? {} : { p50: round(p50), p99: round(p99) };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
