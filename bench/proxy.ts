import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';

import { compiled } from '../harness/lab/package-root.ts';
import { Ports } from '../harness/lab/ports.ts';
import type { Task } from './driver.ts';
import { startSubject, subjectNames } from './proxy-subjects.ts';
import type { Services, Subject, SubjectName } from './proxy-subjects.ts';
import { printReport } from './proxy-report.ts';
import type { Row } from './proxy-report.ts';

/**
 * `npm run bench:proxy -- [--turns N] [--json FILE] [--only traffic|memory|timers|kernel]`: the reference proxy against a bare pipe, nginx and HAProxy, and a kernel
 * route against no proxy. In each turn every subject is measured right after the bare pipe, and only that ratio counts: what else
 * runs on the machine hits both.
 */
const TURNS = flag('--turns', 5);
const IDLE = 5000;
/** As many as there are descriptors for, two a connection. */
const MANY = Math.min(10_000, Math.floor((descriptors() - 100) / 2));

type Measure = {
  name: string;
  unit: string;
  better: 'more' | 'less';
  aim?: number;
  run: (subject: Subject) => Promise<number>;
};

const folder = mkdtempSync(path.join(tmpdir(), 'lastfin-bench-'));
const ports = new Ports();
const upstream = fork(compiled('bench/upstream.js'), { execArgv: [] });
const [services] = (await once(upstream, 'message')) as [Services];
const driver = fork(compiled('bench/driver.js'), { execArgv: [] });

const MEASURES: Measure[] = [
  {
    name: 'throughput, 1 connection',
    unit: 'MB/s',
    better: 'more',
    aim: 0.95,
    run: async ({ ports: { source } }) => first(await ask({ measure: 'bulk', port: source, connections: 1 })),
  },
  {
    name: 'throughput, 16 connections',
    unit: 'MB/s',
    better: 'more',
    aim: 0.95,
    run: async ({ ports: { source } }) =>
      first(await ask({ measure: 'bulk', port: source, connections: 16 })),
  },
  {
    name: 'open, echo, close; 50 at once',
    unit: 'connections/s',
    better: 'more',
    aim: 0.85,
    run: async ({ ports: { echo } }) => first(await ask({ measure: 'connections', port: echo })),
  },
  {
    name: 'round trip of a byte, p99',
    unit: 'µs',
    better: 'less',
    aim: 1.15,
    run: async ({ ports: { echo } }) =>
      (await ask({ measure: 'round-trips', port: echo, count: 5000 }))[1] ?? Number.NaN,
  },
  {
    name: 'HTTP keep-alive, 32 connections',
    unit: 'requests/s',
    better: 'more',
    run: async ({ ports: { web } }) => first(await ask({ measure: 'requests', port: web })),
  },
];

try {
  const parts = { traffic: compare, memory, timers, kernel };
  const rows: Row[] = [];
  for (const [part, measure] of Object.entries(parts)) {
    if ((text('--only') ?? part) === part) rows.push(...(await measure()));
  }
  printReport(rows, { turns: TURNS, load: loadavg()[0] ?? Number.NaN, json: text('--json') });
} finally {
  driver.disconnect();
  upstream.disconnect();
  rmSync(folder, { recursive: true });
}

/** Each measure of each subject, next to that of the bare pipe. */
async function compare(): Promise<Row[]> {
  const names = subjectNames();
  const subjects = await Promise.all(names.map((name) => startSubject(name, services, ports, folder)));
  const [bare, ...others] = subjects as [Subject, ...Subject[]];
  const rows: Row[] = [];
  for (const { name, unit, better, aim, run } of MEASURES) {
    const figures = new Map<SubjectName, number[]>(names.map((of) => [of, []]));
    const ratios = new Map<SubjectName, number[]>(names.map((of) => [of, []]));
    for (let turn = 0; turn < TURNS; turn++) {
      for (const subject of others) {
        // who comes first has the colder caches: by turns
        const [one, two] = turn % 2 === 0 ? [bare, subject] : [subject, bare];
        const [ofOne, ofTwo] = [await run(one), await run(two)];
        const [ofBare, of] = turn % 2 === 0 ? [ofOne, ofTwo] : [ofTwo, ofOne];
        figures.get(bare.name)?.push(ofBare);
        figures.get(subject.name)?.push(of);
        ratios.get(subject.name)?.push(of / ofBare);
      }
      process.stderr.write('.');
    }
    rows.push({
      name,
      unit,
      figures: new Map([...figures].map(([of, all]) => [of, median(all)])),
      ratios: new Map([...ratios].flatMap(([of, all]) => (all.length === 0 ? [] : [[of, median(all)]]))),
      ...(aim !== undefined && { aim: better === 'more' ? { atLeast: aim } : { atMost: aim } }),
    });
  }
  await Promise.all(subjects.map((subject) => subject.stop()));
  return rows;
}

/** What idle connections add, and what of it is still there when they have closed. */
async function memory(): Promise<Row[]> {
  const held = new Map<SubjectName, number>();
  const resident = new Map<SubjectName, number>();
  const left = new Map<SubjectName, number>();
  for (const name of ['bare pipe', 'lastfin'] as const) {
    const subject = await startSubject(name, services, ports, folder);
    // pools and compiled code exist after a first round
    await ask({ measure: 'hold', port: subject.ports.echo, connections: IDLE });
    await ask({ measure: 'release' });
    const before = await subject.held();
    await ask({ measure: 'hold', port: subject.ports.echo, connections: IDLE });
    const during = await subject.held();
    await ask({ measure: 'release' });
    const after = await subject.held();
    if (before === undefined || during === undefined || after === undefined) throw new Error('no answer');
    held.set(name, (during.heap - before.heap) / IDLE / 1024);
    resident.set(name, (during.resident - before.resident) / IDLE / 1024);
    left.set(name, (after.heap - before.heap) / IDLE / 1024);
    await subject.stop();
    process.stderr.write('.');
  }
  const of = (figures: Map<SubjectName, number>, by: number) => ({
    figures,
    difference: (figures.get('lastfin') ?? Number.NaN) - (figures.get('bare pipe') ?? Number.NaN),
    aim: { atMostMore: by },
    unit: 'KiB',
  });
  return [
    { name: `memory of an idle connection, of ${IDLE}, after a collection`, ...of(held, 2) },
    { name: `the same, as resident memory`, figures: resident, unit: 'KiB' },
    { name: 'left of it when all have closed', figures: left, unit: 'KiB', aim: { lastfinAtMost: 0.1 } },
  ];
}

/** Timers of many idle connections, those that do not hold the process included. */
async function timers(): Promise<Row[]> {
  const figures = new Map<SubjectName, number>();
  const subject = await startSubject('lastfin', services, ports, folder, { LASTFIN_BENCH_TIMERS: '1' });
  await ask({ measure: 'hold', port: subject.ports.echo, connections: MANY });
  figures.set('lastfin', (await subject.held())?.timers ?? Number.NaN);
  await ask({ measure: 'release' });
  await subject.stop();
  return [{ name: `timers of ${MANY} idle connections`, unit: '', figures, aim: { lastfinAtMost: 4 } }];
}

/** In a network namespace of its own: no rule of this machine is touched. */
async function kernel(): Promise<Row[]> {
  const name = 'nftables route, 1 connection';
  const script = 'ip link set lo up && exec "$0" "$@"';
  const args = [
    '-Urn',
    'sh',
    '-c',
    script,
    process.execPath,
    compiled('bench/proxy-kernel.js'),
    String(TURNS),
  ];
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  const [code] = (await once(child, 'close').catch((error: unknown) => [String(error)])) as [unknown];
  if (code !== 0) {
    process.stderr.write(`skipped: ${name}: no network namespace with nftables here\n`);
    return [{ name, unit: 'MB/s', figures: new Map() }];
  }
  const { direct, kernel: routed, ratio } = JSON.parse(output) as Record<string, number>;
  return [
    {
      name,
      unit: 'MB/s',
      figures: new Map<SubjectName | 'direct', number>([
        ['direct', direct ?? Number.NaN],
        ['lastfin', routed ?? Number.NaN],
      ]),
      ratios: new Map([['lastfin', ratio ?? Number.NaN]]),
      aim: { atLeast: 0.9 },
    },
  ];
}

async function ask(task: Task): Promise<number[]> {
  return askDriver(driver, task);
}

async function askDriver(child: ChildProcess, task: Task): Promise<number[]> {
  const answer = once(child, 'message') as Promise<[{ figures?: number[]; error?: string }]>;
  child.send(task);
  const [{ figures, error }] = await answer;
  if (figures === undefined) throw new Error(`${task.measure}: ${error}`);
  return figures;
}

function first(figures: number[]): number {
  return figures[0] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

function descriptors(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? 1024);
}

function text(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

function flag(name: string, fallback: number): number {
  const value = Number(text(name) ?? fallback);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number, 1 or more`);
  return value;
}
