import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import type { RunReport } from '../harness/report/run-report.ts';
import { lastfin, latestReport } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

const CASES = ['lifecycle/close-unused', 'faults/client-reset', 'lifecycle/inactivity'];
// a target that cannot do all of it: cases that do not apply belong to the whole
const RUN = ['run', ...CASES, '--target', 'scenarios/targets/leaky/mended.yaml', '--reporter', 'silent'];
const SHARDS = [1, 2, 3, 4];

let out: string;
inOwnFolder((folder) => (out = folder));

/** Facts of a report that do not depend on when and how fast it was run: a busy proxy may end a connection before it has seen that its client reset it. */
function lasting({ results, ...report }: RunReport): unknown {
  const { took: _, started: __, shard: ___, ...rest } = report;
  return {
    ...rest,
    results: results.map(
      ({ took: _took, starved: _starved, drain: _drain, started: _started, seen: _seen, ...one }) => one,
    ),
  };
}

describe('four shards', () => {
  const folder = (index: number): string => path.join(out, 'shards', String(index));

  beforeAll(async () => {
    await Promise.all(
      SHARDS.map((index) =>
        lastfin([...RUN, '--shard', `${index}/4`, '--jobs', '1', '--out', folder(index)]),
      ),
    );
  }, 300_000);

  test('merged are the report of an unsharded run', async () => {
    const { exitCode, all } = await lastfin([
      'merge',
      path.join(out, 'shards'),
      '--out',
      path.join(out, 'merged'),
    ]);
    expect(exitCode, String(all)).toBe(0);
    const whole = await lastfin([...RUN, '--out', path.join(out, 'whole')]);
    expect(whole.exitCode, String(whole.all)).toBe(0);
    const [merged, unsharded] = [
      await latestReport(path.join(out, 'merged')),
      await latestReport(path.join(out, 'whole')),
    ];
    expect(unsharded.results.length).toBeGreaterThan(5);
    expect(unsharded.notApplicable.cases).toBeGreaterThan(0);
    expect(lasting(merged)).toEqual(lasting(unsharded));
    for (const { journal } of merged.results)
      expect(existsSync(path.join(out, 'merged', 'latest', String(journal))), journal).toBe(true);
    const { all: difference } = await lastfin(['diff', path.join(out, 'whole'), path.join(out, 'merged')]);
    expect(String(difference)).not.toMatch(/^(?:new|gone|cases)/m);
    const { all: history } = await lastfin(['history', '--out', path.join(out, 'merged')]);
    expect(String(history).split('\n')).toHaveLength(2);
  }, 300_000);

  test('each case is in one of them', async () => {
    const ids = await Promise.all(SHARDS.map(async (index) => (await latestReport(folder(index))).results));
    const all = ids.flat().map(({ id }) => id);
    expect(new Set(all).size).toBe(all.length);
  });

  const merge = async (folders: string[]): Promise<{ code: number | undefined; text: string }> => {
    const { exitCode, all } = await lastfin(['merge', ...folders, '--out', path.join(out, 'refused')]);
    expect(existsSync(path.join(out, 'refused'))).toBe(false);
    return { code: exitCode, text: String(all) };
  };

  test('of which one is missing, there twice or not finished are refused by name', async () => {
    const missing = await merge([1, 2, 4].map(folder));
    expect(missing.text).toContain('a shard is missing: 3/4');
    const twice = await merge([1, 2, 3, 4, 2].map(folder));
    expect(twice.text).toContain('the shard 2/4 is there twice');
    const lost = await merge([...[1, 2, 3].map(folder), path.join(out, 'nothing')]);
    expect(lost.text).toContain('is no folder: the shard has not finished');
    expect([missing.code, twice.code, lost.code]).toEqual([3, 3, 3]);
  });

  test('a report that is cut off is refused, and left as it is', async () => {
    const copy = path.join(out, 'cut');
    cpSync(path.join(folder(1), 'latest', 'report.json'), path.join(copy, 'report.json'), {
      recursive: true,
    });
    const file = path.join(copy, 'report.json');
    const half = readFileSync(file, 'utf8').slice(0, 500);
    writeFileSync(file, half);
    const { code, text } = await merge([copy, ...[2, 3, 4].map(folder)]);
    expect(code).toBe(2);
    expect(text).toContain('it may have been cut off');
    expect(readFileSync(file, 'utf8')).toBe(half);
  });
});
