import { createWriteStream, existsSync, openSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { lastfin, latestReport, runPlainly, temporaryFolder } from './command-line.ts';
import { cpuTime } from '../bench/process-figures.ts';
import { until } from '../bench/marked-processes.ts';

let out: string;
let done: () => Promise<void>;

beforeEach(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterEach(() => done());

const UNUSED = 'lifecycle/close-unused[by=*]';
/** Each case fails at once. */
const DIES = ['--target', 'test/programs/dies.yaml'];
const FAILS = ['--case', UNUSED, ...DIES];
const MENDED = ['--target', 'scenarios/targets/leaky/mended.yaml'];
const PASSES = ['--case', UNUSED, ...MENDED];

type Ended = { exitCode: number | undefined; stdout: string; stderr: string; all: string };

async function run(args: string[], options: Parameters<typeof lastfin>[1] = {}): Promise<Ended> {
  const { exitCode, stdout, stderr, all } = await runPlainly([...args, '--out', out], options);
  return { exitCode, stdout: String(stdout), stderr: String(stderr), all: String(all) };
}

describe('--last-failed', () => {
  test('runs what failed, and then there is nothing left', async () => {
    const first = await run(FAILS);
    expect(first.all).toContain('2 cases: 0 passed, 2 failed');
    const again = await run(['--last-failed', ...MENDED]);
    expect(again.stderr).toContain('they failed on `test/programs/dies.yaml`, and run on');
    expect(again.stdout).toContain('2 cases: 2 passed, 0 failed');
    expect(again.exitCode).toBe(0);
    const last = await run(['--last-failed']);
    expect(last.all).toMatch(/nothing failed in the last run \(\d{4}-.*\): nothing to run again/);
    expect(last.exitCode).toBe(0);
  });

  test('narrows a selection, and says so where nothing is left of it', async () => {
    await run(FAILS);
    const one = await run(['--last-failed', '--case', '*close-unused[by=client]', ...DIES]);
    expect(one.stderr).toContain('1 case that failed in the last run is not among the selected ones');
    expect(one.stdout).toContain('1 case: 0 passed, 1 failed');
    const none = await run(['--last-failed', '--case', 'faults/client-reset*']);
    expect(none.all).toContain('none of the 1 case that failed in the last run is among the selected ones');
    expect(none.exitCode).toBe(2);
  });

  test('without a report, or with something else in its place: exit 2, with what to do', async () => {
    const none = await run(['--last-failed']);
    expect(none.all).toContain(`no report of an earlier run in ${out}/latest; run without it first`);
    expect(none.exitCode).toBe(2);
    await run(PASSES);
    await writeFile(path.join(out, 'latest', 'report.json'), '{ "report": 1 }');
    const broken = await run(['--last-failed']);
    expect(broken.all).toContain('report.json is no report of lastfin (`started`)');
    expect(broken.exitCode).toBe(2);
  });
});

describe('--bail', () => {
  test('begins no other case after the first that failed, and the report says how many', async () => {
    const { exitCode, all } = await run([...FAILS, '--bail', '--jobs', '1']);
    expect(all).toContain('stopped after 1 case had failed (--bail): 1 case not run');
    expect(all).toContain('✗ lifecycle  1 failed, 1 not run');
    expect(exitCode).toBe(1);
    const { bailed, results } = await latestReport(out);
    expect(bailed).toEqual({ limit: 1, notRun: 1 });
    expect(results).toHaveLength(1);
  });

  test('with a number that is not reached, all run', async () => {
    const { all } = await run([...FAILS, '--bail', '3']);
    expect(all).toContain('2 cases: 0 passed, 2 failed');
    expect((await latestReport(out)).bailed).toBeUndefined();
  });

  test('a path in its place is told from a number', async () => {
    const { exitCode, all } = await run(['--bail', 'faults']);
    expect(all).toContain('before a path say `--bail=1 faults`');
    expect(exitCode).toBe(2);
  });
});

describe('--reporter', () => {
  test('json: the report alone on stdout, people are told on stderr', async () => {
    const { stdout, stderr, exitCode } = await run([...PASSES, '--reporter', 'json', 'terminal']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(await latestReport(out))));
    expect(stderr).toContain('2 cases: 2 passed');
    expect(exitCode).toBe(0);
  });

  test('junit: the file on stdout', async () => {
    const { stdout } = await run([...PASSES, '--reporter=junit']);
    expect(stdout.trim()).toBe((await readFile(path.join(out, 'latest', 'junit.xml'), 'utf8')).trim());
  });

  test('dot and silent; the files are written all the same', async () => {
    const dots = await run([...PASSES, '--reporter', 'dot']);
    expect(dots.stdout).toMatch(/^\.\.\n\n2 cases: 2 passed/);
    const silent = await run([...PASSES, '--reporter', 'silent']);
    expect(silent.all).toBe('');
    expect((await readdir(path.join(out, 'latest'))).toSorted()).toContain('report.json');
  });

  test.each([
    [['--reporter', 'doot'], 'no reporter `doot`; did you mean `dot`?'],
    [['--reporter', 'dot', 'scenarios'], 'no reporter `scenarios`'],
    [['--reporter', 'json,junit'], 'only one report fits on stdout'],
    [['--quiet', '--verbose'], "'-v, --verbose' cannot be used with option '-q, --quiet'"],
  ])('%j: exit 2', async (args, message) => {
    const { exitCode, all } = await run([...args, '--case', UNUSED]);
    expect(all).toContain(message);
    expect(exitCode).toBe(2);
  });
});

describe('output', () => {
  test('begins within two seconds of work, before the first case has ended', async () => {
    const process = runPlainly([...FAILS, '--jobs', '1', '--out', out]);
    let seen = '';
    let work = 0;
    process.stdout?.on('data', (text) => {
      // wall time would tell how busy the machine is
      if (seen === '') work = cpuTime(process.pid ?? 0);
      seen += String(text);
    });
    await until('the first output', () => seen !== '');
    expect(seen).toMatch(/^lastfin \S+: 2 cases on test\/programs\/dies.yaml, seed 1/);
    expect(seen).not.toContain('failed');
    expect(work).toBeGreaterThan(0);
    expect(work).toBeLessThan(2_000);
    await process;
  });

  test('--quiet: what failed and the last line', async () => {
    expect((await run([...PASSES, '--quiet'])).stdout).toMatch(/^\n?2 cases: 2 passed, .*$/);
    const { stdout } = await run([...FAILS, '--quiet']);
    expect(stdout).toMatch(/^✗ failed {3}lifecycle/);
    expect(stdout).toContain('2 cases failed, 1 cause');
    expect(stdout).not.toContain('✗ lifecycle');
  });

  test('has colours only where they are asked for, and --no-color wins', async () => {
    const ESCAPE = '\u001B[';
    const plain = { NO_COLOR: undefined, FORCE_COLOR: undefined };
    const forced = { env: { ...plain, FORCE_COLOR: '1' } };
    expect((await run(PASSES, { env: plain })).stdout).not.toContain(ESCAPE);
    expect((await run(PASSES, forced)).stdout).toContain(ESCAPE);
    expect((await run([...PASSES, '--no-color'], forced)).stdout).not.toContain(ESCAPE);
  });

  test('a reader that goes away, as `head` does, changes nothing else', async () => {
    const process = runPlainly([...FAILS, '--jobs', '1', '--out', out]);
    process.stdout?.once('data', () => process.stdout?.destroy());
    const { exitCode, stderr } = await process;
    expect(stderr).toBe('');
    expect(exitCode).toBe(1);
    expect((await latestReport(out)).counts.failed).toBe(2);
  });

  test.runIf(existsSync('/dev/full'))('a full disk for the output: exit 3, in words', async () => {
    const full = createWriteStream('/dev/full', { fd: openSync('/dev/full', 'w') });
    const { exitCode, stderr } = await run(PASSES, { stdout: full, all: false });
    full.destroy();
    expect(stderr).toContain(
      'the output cannot be written: no space is left on the disk (ENOSPC)\nLASTFIN_OUTPUT: ',
    );
    expect(exitCode).toBe(3);
    expect((await latestReport(out)).counts.passed).toBe(2);
  });

  test('a reports folder that cannot be made: exit 2, in words, before a case is run', async () => {
    const file = path.join(out, 'file');
    await writeFile(file, '');
    const { exitCode, all } = await lastfin(['run', ...PASSES, '--out', path.join(file, 'reports')]);
    expect(all).toContain(
      `the reports folder ${file}/reports (--out) cannot be written: a file stands where a folder is needed`,
    );
    expect(exitCode).toBe(2);
  });
});
