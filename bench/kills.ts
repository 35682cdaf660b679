/**
 * The kill campaign: a random process of a run (command line, worker, target, Toxiproxy) gets a signal at a random moment, in the lab and with
 * `--lab none`. Afterwards nothing may be left, and the cases that had finished must be in the folder of the run.
 *
 *   npm run bench:kills -- [--times 200] [--seed 1]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { INTERRUPTED } from '../harness/cli/process/early-signals.ts';
import { trySignal } from '../shared/try-signal.ts';
import { seededRandom } from '../harness/toxiproxy/random.ts';
import {
  commandOf,
  type Inhabited,
  inhabited,
  MARK,
  marked,
  roleOf,
  stillThere,
} from './marked-processes.ts';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const times = Number(values.times);
const random = seededRandom(BigInt(values.seed), 'kills');

const MAIN = path.resolve(import.meta.dirname, '../harness/cli/main.js');
const CASES = [
  'lifecycle/close-unused*',
  'faults/client-reset*',
  'toxiproxy/passing-toxics*',
  'kernel/client-lost*',
];
const SIGNALS = [['SIGKILL'], ['SIGSTOP', 'SIGKILL'], ['SIGTERM'], ['SIGHUP']] as const;
/** Latest moment of the signal after the run is at work. ms */
const LATEST = 5_000;
/** Time in which a run must end after the signal, or begin or end another case: a stopped worker is given up after a minute. ms */
const GOES_ON_WITHIN = 90_000;

const failures: string[] = [];
function fail(failure: string): void {
  failures.push(failure);
  process.stdout.write(`${failure}\n`);
}
let outlived = 0;
let missed = 0;
const counts = new Map<string, number>();
for (let time = 1; time <= times; time++) {
  await once(time);
  if (time % 10 === 0) process.stdout.write(`${time} of ${times}\n`);
}
const hit = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
process.stdout.write(
  `${times - missed} kills (${hit}), ${missed} runs were over before, ${failures.length} left something, ` +
    `${outlived} targets outlived a killed worker with --lab none\n`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

async function once(time: number): Promise<void> {
  const mark = `kill-${process.pid}-${time}`;
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-kills-'));
  const temporary = path.join(folder, 'tmp');
  const lab = random() < 0.5 ? 'auto' : 'none';
  const run = start(mark, folder, temporary, lab, time);
  // one kill in ten comes while the run still starts
  if (random() < 0.9) await Promise.race([run.exited, untilAtWork(mark)]);
  await Promise.race([run.exited, delay(random() * LATEST)]);
  const all = marked(mark);
  const pid = all[Math.floor(random() * all.length)];
  const before = inhabited(mark);
  const signals = SIGNALS[Math.floor(random() * SIGNALS.length)] ?? SIGNALS[0];
  const what = pid === undefined ? '' : roleOf(commandOf(pid));
  try {
    if (pid === undefined) missed++;
    else {
      for (const signal of signals) {
        process.kill(pid, signal);
        if (signal === 'SIGSTOP') await delay(random() * 1_000);
      }
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  } catch {
    // it has ended between the look and the signal
    missed++;
  }
  if (what === '') {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  const told = `${time}: ${signals.join('+')} to ${what} with --lab ${lab}`;
  await judge(told, run, mark, folder, lab, before);
  await rm(folder, { recursive: true, force: true });
}

/** Waits until a target runs, at most half a minute. */
async function untilAtWork(mark: string): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 50) {
    if (marked(mark).some((pid) => roleOf(commandOf(pid)) === 'target')) return;
    await delay(50);
  }
}

/** Checks what is left after the run, and what it has kept. */
async function judge(
  told: string,
  { child, exited }: Running,
  mark: string,
  folder: string,
  lab: string,
  before: Inhabited,
): Promise<void> {
  const ended = await endsAtLast(exited, path.join(folder, 'out'));
  if (!ended) {
    fail(`${told}: for ${GOES_ON_WITHIN / 1000} s the run neither ended nor went on`);
    child.kill('SIGKILL');
  }
  let left = marked(mark);
  let namespaces = stillThere(before);
  // a process may be in its namespaces for a while after its environment is gone
  for (let waited = 0; left.length + namespaces.length > 0 && waited < 8_000; waited += 100) {
    await delay(100);
    left = marked(mark);
    namespaces = stillThere(before);
  }
  const others = left.filter((pid) => lab !== 'none' || roleOf(commandOf(pid)) !== 'target');
  outlived += left.length - others.length;
  if (others.length > 0) fail(`${told}: left ${others.map(commandOf).join('; ').slice(0, 300)}`);
  if (namespaces.length > 0) fail(`${told}: left the namespaces ${namespaces.join(', ')}`);
  // a process that cannot run any more cannot remove its folder
  const files = await readdir(path.join(folder, 'tmp'));
  if (files.length > 0 && ended && child.signalCode === null)
    fail(`${told}: left ${files.join(', ')} in the folder for temporary files`);
  for (const pid of left) trySignal(pid, 'SIGKILL');
  if (child.signalCode === null) await kept(told, folder, child.exitCode);
}

/** Waits for the end of a run as long as it goes on: how long its other cases take, the machine decides. */
async function endsAtLast(exited: Promise<unknown>, out: string): Promise<boolean> {
  let files = 0;
  for (let idle = 0; idle < GOES_ON_WITHIN; idle += 500) {
    if (await Promise.race([exited.then(() => true), delay(500, false)])) return true;
    const { length } = await readdir(out, { recursive: true }).catch((): string[] => []);
    if (length !== files) idle = 0;
    files = length;
  }
  return false;
}

/** A run that could end by itself has a report with its journals, unless its end came before it had begun. */
async function kept(told: string, folder: string, code: number | null): Promise<void> {
  if (code === INTERRUPTED && !existsSync(path.join(folder, 'out'))) return;
  const names = await readdir(path.join(folder, 'out', 'latest')).catch((): string[] => []);
  if (!names.includes('report.json')) fail(`${told}: no report`);
}

type Running = { child: ChildProcess; exited: Promise<unknown> };

function start(mark: string, folder: string, temporary: string, lab: string, seed: number): Running {
  const words = ['run', ...CASES.flatMap((one) => ['--case', one]), '--lab', lab, '--jobs', '2'];
  // a run goes on after most kills: a third of the cases leaves time for more of them
  words.push('--shard', `${(seed % 3) + 1}/3`);
  const output = ['--seed', String(seed), '--reporter', 'silent', '--out', path.join(folder, 'out')];
  const script = `mkdir -p "$TMPDIR" && exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', script, process.execPath, MAIN, ...words, ...output], {
    stdio: 'ignore',
    env: { ...process.env, [MARK]: mark, TMPDIR: temporary },
  });
  return { child, exited: new Promise((resolve) => child.once('exit', resolve)) };
}
