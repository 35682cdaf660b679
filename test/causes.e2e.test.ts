import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { lastfin, latestReport, runPlainly } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const TIMER = ['--target', 'scenarios/targets/leaky/timer.yaml'];
const UNUSED = 'lifecycle/close-unused[by=*]';

describe('one mistake', () => {
  const cases = ['--case', UNUSED, 'faults/client-reset[phase=half-open]'];

  test('in three cases is one cause; it is told in full once', async () => {
    const { exitCode, all } = await lastfin(['run', ...cases, ...TIMER, '--out', out]);
    const text = String(all);
    expect(exitCode, text).toBe(1);
    expect(text).toContain('\n3 cases failed, 1 cause\n');
    expect(text.match(/● leak/g)).toHaveLength(1);
    expect(text.match(/same cause as/g)).toHaveLength(2);
    const { summary, causes } = await latestReport(out);
    expect(summary).toBe('3 cases failed, 1 cause');
    expect(causes).toMatchObject([
      {
        kind: 'leak',
        cases: 3,
        lines: [{ file: 'scenarios/targets/leaky/timer.mjs', line: 8, column: 31 }],
        smallest: { connections: 20 },
      },
    ]);
    expect(causes[0]?.ids).toHaveLength(3);
    expect(text).toContain(causes[0]?.smallest.rerun);
  });

  test('has one fingerprint in every run', async () => {
    const [before] = (await latestReport(out)).causes;
    await lastfin([
      'run',
      '--case',
      'lifecycle/close-unused[by=client]',
      ...TIMER,
      '--seed',
      '9',
      '--out',
      out,
    ]);
    const [after] = (await latestReport(out)).causes;
    expect(before?.fingerprint).toBe('timer time-out timer.mjs:8:31');
    expect(after?.fingerprint).toBe(before?.fingerprint);
  });
});

test('two mistakes are two causes, though one of them comes only with the other', async () => {
  const cases = ['--case', 'lifecycle/close-unused[by=client]', 'faults/client-reset[phase=idle]'];
  const target = 'test/programs/two-mistakes.yaml';
  const { all } = await lastfin(['run', ...cases, '--target', target, '--out', out]);
  const { causes } = await latestReport(out);
  expect(String(all)).toContain('\n2 cases failed, 2 causes\n');
  expect(causes.map(({ cases: count, lines }) => [count, lines[0]?.line])).toEqual([
    [2, 8],
    [1, 10],
  ]);
});

test('a death names the line in its stack trace; with --verbose every case is told in full', async () => {
  const args = ['run', '--case', UNUSED, '--target', 'test/programs/dies.yaml', '--out', out];
  const { all } = await lastfin(args);
  expect(String(all)).toContain('\n2 cases failed, 1 cause\n');
  expect(String(all)).toContain('crash: died unasked');
  expect((await latestReport(out)).causes[0]).toMatchObject({ kind: 'crash', lines: [{ line: 9 }] });
  const text = String((await lastfin([...args, '--verbose'])).all);
  expect(text.match(/● crash/g)).toHaveLength(2);
  expect(text).not.toContain('same cause');
  expect(text).toMatch(/by=client +failed/);
});

test('connections that end wrongly name the call that ended them, seen in another run of the case', async () => {
  const ids = ['client', 'upstream'].map((by) => `lifecycle/half-close[by=${by}]`);
  const target = 'test/programs/ends-early.yaml';
  const { all } = await lastfin(['run', '--case', ...ids, '--target', target, '--alone', '0', '--out', out]);
  expect(String(all)).toContain('10 outgoing: destroy() after ‘connect’, from');
  const { causes, results } = await latestReport(out);
  expect(causes).toMatchObject([
    { kind: 'step', cases: 1, lines: [{ file: 'test/programs/ends-early.mjs', line: 9 }] },
  ]);
  const failed = results.find(({ verdict }) => verdict === 'failed');
  expect(failed?.attempts).toBeUndefined();
  // they are in the journal, too
  const judged = await lastfin(['judge', path.join(out, 'latest', String(failed?.journal))]);
  expect(String(judged.all)).toContain('test/programs/ends-early.mjs:9:35');
  await runPlainly(['--case', ...ids, '--target', target, '--out', out]);
  expect((await latestReport(out)).causes).toMatchObject([{ kind: 'step', lines: [] }]);
});
