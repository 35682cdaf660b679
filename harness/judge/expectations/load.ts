import type { Evidence } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Finding } from '../verdict.ts';
import { oneLine, plural } from '../words.ts';

/** Findings for a load of which more requests failed than may, or whose answers took too long. */
export function failedLoad({ case: { load: planned, expect }, load }: Evidence): Finding[] {
  const limits = expect.load;
  if (planned === undefined || load === undefined || limits === undefined) return [];
  if (load.requests === 0) {
    const message = 'the load sent no request';
    return [
      {
        kind: 'load',
        what: 'requests',
        message,
        fingerprint: fingerprint('load', 'none'),
        expected: 'some',
        actual: 0,
      },
    ];
  }
  const found: Finding[] = [];
  const failed = Object.values(load.errors).reduce((sum, count) => sum + count, 0);
  if (limits.errors !== undefined && failed > mostOf(limits.errors, load.requests)) {
    const expected = inWords(limits.errors);
    const share = ((failed / load.requests) * 100).toFixed(1);
    const worst = Object.entries(load.errors).toSorted(([, one], [, other]) => other - one);
    const codes = oneLine(worst.map(([code, count]) => `${code}: ${count}`).join(', '));
    found.push({
      kind: 'load',
      what: 'errors',
      message: `${failed} of ${plural(load.requests, 'request', 'requests')} of the load failed (${share}%; ${codes}), expected at most ${expected}; ${whenOf(load)}`,
      fingerprint: fingerprint('load', 'errors', worst[0]?.[0]),
      expected,
      actual: failed,
    });
  }
  if (limits.p99 !== undefined && load.p99 !== undefined && load.p99 > limits.p99) {
    found.push({
      kind: 'load',
      what: 'p99',
      message: `99 of 100 answers of the load came within ${load.p99} ms, expected ${limits.p99} ms`,
      fingerprint: fingerprint('load', 'p99'),
      expected: `${limits.p99} ms`,
      actual: load.p99,
    });
  }
  return found;
}

type Limit = NonNullable<NonNullable<Evidence['case']['expect']['load']>['errors']>;

const mostOf = (limit: Limit, requests: number): number =>
  'share' in limit ? limit.share * requests : limit.count;

const inWords = (limit: Limit): string =>
  'share' in limit ? `${Math.round(limit.share * 10_000) / 100}%` : String(limit.count);

/** Span of the journal in which requests failed. */
function whenOf({ buckets, width }: NonNullable<Evidence['load']>): string {
  const bad = buckets.filter(({ errors }) => Object.keys(errors).length > 0);
  const [first, last] = [bad[0]?.t ?? 0, (bad.at(-1)?.t ?? 0) + width];
  return `they failed from ${Math.round(first)} to ${Math.round(last)} ms of the case`;
}
