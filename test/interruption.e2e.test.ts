import { existsSync } from 'node:fs';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';
import { MARK, marked, until } from '../bench/marked-processes.ts';

let folder: string;
let done: () => Promise<void>;

beforeEach(async () => {
  ({ folder, done } = await temporaryFolder());
});

afterEach(() => done());

const CASES = [
  'run',
  '--jobs',
  '1',
  '--repeat',
  '1',
  // a line a case, not only one a folder
  '--verbose',
  '--case',
  'lifecycle/close-unused*',
  'faults/link-swallows*',
  'lifecycle/max-lifetime*',
];
const onLinux = existsSync('/proc/self/environ');

test.runIf(onLinux).each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the run with 130; finished cases are reported and nothing survives',
  async (signal) => {
    const mark = `${signal}-${process.pid}`;
    const run = lastfin([...CASES, '--out', folder], { env: { [MARK]: mark } });
    let seen = '';
    run.stdout?.on('data', (text) => (seen += String(text)));
    // in order of ids: the links' cases come first and are done, the next is under way
    await until('the first case to end', () => seen.includes('passed'));
    run.kill(signal);
    const { exitCode, all } = await run;
    expect(exitCode, String(all)).toBe(130);
    const report = await latestReport(folder);
    expect(report.interrupted).toBe(true);
    expect(report.counts.passed).toBeGreaterThan(0);
    expect(marked(mark)).toEqual([]);
  },
);

test.runIf(onLinux)('a killed harness takes its target and its Toxiproxy with it', async () => {
  const mark = `kill-${process.pid}`;
  const run = lastfin([...CASES, '--out', folder], { env: { [MARK]: mark } });
  // the harness itself, the embedded Toxiproxy and a target
  await until('three processes', () => marked(mark).length >= 3);
  run.kill('SIGKILL');
  await run;
  await until('all to end', () => marked(mark).length === 0);
});
