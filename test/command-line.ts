import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';

import { execa, type Options, type ResultPromise } from 'execa';

import type { RunReport } from '../harness/report/run-report.ts';

const MAIN = path.resolve('dist/harness/cli/main.js');

/** Options of a call, and the Node.js that runs it and its targets. */
type CallOptions = Options & { program?: string };

/** The built command line, as a user runs it; never rejects for an exit code. */
export function lastfin(
  args: readonly string[],
  { program = process.execPath, ...options }: CallOptions = {},
): ResultPromise {
  const isRun = args[0] === 'run';
  // another test file runs cases beside this one
  const jobs = isRun && !args.includes('--jobs') ? ['--jobs', String(availableParallelism())] : [];
  // cases that are meant to fail need not do so twice
  const alone = isRun && !args.includes('--alone') ? ['--alone', '0'] : [];
  return execa(program, [MAIN, ...args, ...jobs, ...alone], {
    reject: false,
    all: true,
    ...options,
  });
}

/** Runs cases of which nothing is asked but their verdicts and findings: what fails is not run once more to be followed. */
export function runPlainly(words: readonly string[], options: CallOptions = {}): ResultPromise {
  return lastfin(['run', '--no-series', ...words], options);
}

/** A folder for one test's reports; `done` removes it. */
export async function temporaryFolder(): Promise<{ folder: string; done: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-test-'));
  return { folder, done: () => rm(folder, { recursive: true, force: true }) };
}

export async function latestReport(out: string): Promise<RunReport> {
  return JSON.parse(await readFile(path.join(out, 'latest', 'report.json'), 'utf8')) as RunReport;
}
