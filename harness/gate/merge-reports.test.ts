import { describe, expect, test } from 'vitest';

import type { RunReport } from '../report/run-report.ts';
import { aResult, aRun } from '../report/testing/sample-run.ts';
import { mergeReports, type ShardReport } from './merge-reports.ts';

const IDS = ['a/one', 'a/two', 'b/three', 'b/four'];
const PLAN = { of: 2, cases: IDS.length, plan: '0123' };

function shard(index: number, parts: Partial<RunReport> = {}): ShardReport {
  const results = IDS.filter((_, at) => at % 2 === index - 1).map((id) => aResult({ id }));
  const report = { ...aRun(results), shard: { index, ...PLAN }, took: index * 1000 };
  return { folder: `shards/${index}`, report: { ...report, ...parts } };
}

test('all shards make the report of an unsharded run, whatever their order', () => {
  const merged = mergeReports([shard(2), shard(1)]);
  const whole = aRun(IDS.toSorted().map((id) => aResult({ id })));
  expect(merged).toEqual({ ...whole, took: 2000 });
});

test('a finding that is gone from one shard and there in another is not gone', () => {
  const leak = { kind: 'drain', message: 'late', fingerprint: 'drain late', took: 2, limit: 1 } as const;
  const gone = [
    { target: 'proxy', identity: 'drain late' },
    { target: 'proxy', identity: 'drain never' },
  ];
  const known = { file: 'known.json', findings: 2, gone };
  const other = aRun([
    aResult({ id: 'a/two', verdict: 'failed', findings: [leak] }),
    aResult({ id: 'b/four' }),
  ]);
  const merged = mergeReports([shard(1, { known }), shard(2, { ...other, known: { ...known, gone: [] } })]);
  expect(merged.known).toEqual({ file: 'known.json', findings: 2, gone: [gone[1]] });
});

describe('refused', () => {
  test.each<[string, ShardReport[], string]>([
    ['none', [], 'there is no shard'],
    ['a missing one', [shard(2)], 'a shard is missing: 1/2'],
    ['one that is there twice', [shard(1), shard(2), shard(1)], '1/2 is there twice'],
    ['another seed', [shard(1), shard(2, { seed: 2 })], 'shards/2 has seed 2'],
    ['another version', [shard(1), shard(2, { lastfin: '0.0.9' })], 'shards/2 has lastfin 0.0.9'],
    ['another plan', [shard(1), shard(2, { shard: { index: 2, ...PLAN, plan: 'x' } })], 'has the plan x'],
    ['another lab', [shard(1), shard(2, { lab: { mode: 'none' } })], 'has lab none'],
    ['an interrupted one', [shard(1), shard(2, { interrupted: true })], '2/2 in shards/2 was interrupted'],
    ['a broken one', [shard(1), shard(2, { broken: 'ENOSPC' })], 'broke off: ENOSPC'],
    ['one that bailed', [shard(1), shard(2, { bailed: { limit: 1, notRun: 3 } })], '3 cases were not run'],
    ['a missing case', [shard(1), shard(2, { results: [] })], 'has 4 cases, the shards together have 2'],
    ['a case twice', [shard(1), shard(2, { results: shard(1).report.results })], 'is in more than one shard'],
    ['a run without --shard', [shard(1), { folder: 'x', report: aRun() }], 'x is no shard'],
  ])('%s', (_, shards, says) => {
    expect(() => mergeReports(shards)).toThrow(says);
  });
});
