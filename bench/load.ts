/**
 * The load test: many connections in one case, many bytes through one, many cases in one run. Prints the time, the harness's peak memory and
 * the size of the journals.
 *
 *   npm run bench:load -- [--only connections|bytes|cases] [--cases 5000]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { commandOf, MARK, marked, roleOf } from './marked-processes.ts';
import { residentBytes } from './process-figures.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, cases: { type: 'string', default: '5000' } },
});

/** Cases of one scenario: a matrix has 1000 at most. */
const PER_FILE = 500;

const MAIN = path.resolve(import.meta.dirname, '../harness/cli/main.js');
const ECHO = `client: [open, { send: 1KiB }, { expect: 1KiB }, close]
upstream: [{ expect: 1KiB }, { send: 1KiB }, { expect: end }, close]
`;
const PARTS: Readonly<Record<string, string>> = {
  connections: `about: Ten thousand connections, a thousand at once.
connections: { count: 10000, concurrent: 1000 }
deadline: 60s
${ECHO}`,
  bytes: `about: One GiB through one connection.
connections: 1
deadline: 120s
client: [open, { send: 1GiB }, half-close, { expect: end }]
upstream: [{ expect: 1GiB }, { expect: end }, close]
`,
  cases: `about: Very many cases.
connections: 1
${ECHO}matrix:
  number: [${Array.from({ length: PER_FILE }, (_, index) => `{ name: n${index} }`).join(', ')}]
`,
};

for (const [name, scenario] of Object.entries(PARTS)) {
  if (values.only === undefined || values.only === name) await measure(name, scenario);
}

async function measure(name: string, scenario: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-load-'));
  const mark = `load-${process.pid}-${name}`;
  try {
    const files = name === 'cases' ? Math.ceil(Number(values.cases) / PER_FILE) : 1;
    for (let file = 1; file <= files; file++)
      await writeFile(path.join(folder, `${name}-${file}.yaml`), scenario);
    const start = performance.now();
    const words = ['run', '--root', folder, '--jobs', '2', '--reporter', 'silent'];
    const child = spawn(process.execPath, [MAIN, ...words, '--out', path.join(folder, 'out')], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, [MARK]: mark },
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const peaks = { 'command line': 0, worker: 0 };
    const watch = follow(mark, peaks, exited);
    const code = await exited;
    await watch;
    const took = Math.round((performance.now() - start) / 100) / 10;
    const [journals, report] = await sizes(path.join(folder, 'out', 'latest'));
    process.stdout.write(
      `${name}: exit ${code} in ${took} s; command line ${mib(peaks['command line'])}, largest worker ${mib(peaks.worker)} at most; ` +
        `journals ${mib(journals)}, report.json ${mib(report)}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads the memory of the run's processes until it is over. */
async function follow(
  mark: string,
  peaks: { 'command line': number; worker: number },
  exited: Promise<unknown>,
): Promise<void> {
  const over = exited.then(() => true);
  for (;;) {
    for (const pid of marked(mark)) {
      // commands that become the worker have its name on their line, too, and are small
      const role = roleOf(commandOf(pid));
      if (role === 'worker' || role === 'command line') peaks[role] = Math.max(peaks[role], memoryOf(pid));
    }
    if (await Promise.race([over, delay(100, false)])) return;
  }
}

function memoryOf(pid: number): number {
  try {
    return residentBytes(pid) || 0;
  } catch {
    // it has ended between the look and the reading
    return 0;
  }
}

async function sizes(run: string): Promise<[journals: number, report: number]> {
  const folder = path.join(run, 'journal');
  const files = await readdir(folder);
  const each = await Promise.all(files.map(async (file) => (await stat(path.join(folder, file))).size));
  return [each.reduce((sum, size) => sum + size, 0), (await stat(path.join(run, 'report.json'))).size];
}

function mib(bytes: number): string {
  return `${Math.round((bytes / 2 ** 20) * 10) / 10} MiB`;
}
