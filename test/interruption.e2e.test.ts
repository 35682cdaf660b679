import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

let folder: string;
let done: () => Promise<void>;

beforeEach(async () => {
  ({ folder, done } = await temporaryFolder());
});

afterEach(() => done());

/** Processes that this run has started, found by the mark in their environment. */
function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environment(pid).includes(`LASTFIN_TEST_MARK=${mark}`))
    .map(Number);
}

function environment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // it has ended in the meantime, or is not ours
    return '';
  }
}

async function until(what: string, ready: () => boolean): Promise<void> {
  for (const end = Date.now() + 15_000; !ready(); await delay(20)) {
    if (Date.now() > end) throw new Error(`${what}: not within 15 s`);
  }
}

const CASES = [
  'run',
  '--jobs',
  '1',
  '--repeat',
  '1',
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
    const run = lastfin([...CASES, '--out', folder], { env: { LASTFIN_TEST_MARK: mark } });
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
  const run = lastfin([...CASES, '--out', folder], { env: { LASTFIN_TEST_MARK: mark } });
  // the harness itself, the embedded Toxiproxy and a target
  await until('three processes', () => marked(mark).length >= 3);
  run.kill('SIGKILL');
  await run;
  await until('all to end', () => marked(mark).length === 0);
});
