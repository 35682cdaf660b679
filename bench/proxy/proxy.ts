import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import Table from 'cli-table3';
import { Command, InvalidArgumentError } from '../../shared/vendor/commander.ts';
import { generate } from 'selfsigned';

import { compiled } from '../../shared/package-root.ts';
import { Ports } from '../../harness/lab/network/ports.ts';
import { Teardown } from '../../harness/lab/teardown.ts';
import { CONTENDERS, startContender } from './contenders.ts';
import type { Contender, ContenderName } from './contenders.ts';
import type { Driver } from './driver.ts';
import { judge } from './figures.ts';
import type { Figure, Judged } from './figures.ts';
import { kernelRoute } from './nftables.ts';
import { idleCost, idleTimers } from './idle.ts';
import type { IdleCost } from './idle.ts';
import { connectionRate, http, http2, roundTrip, throughput } from './rounds.ts';
import { cells, HEAD, markdown } from './table.ts';
import { descriptorLimit } from '../process-figures.ts';
import { Remote } from '../remote.ts';
import type { UpstreamPorts } from './upstream.ts';

/**
 * `npm run bench:proxy`: the reference proxy against a bare pipe, nginx and HAProxy, each a process of its own, in turns in one run.
 * Only figures of one run may be compared.
 */
const GROUPS = ['throughput', 'connections', 'round-trip', 'http', 'idle', 'nftables'] as const;
type Group = (typeof GROUPS)[number];

/** Rounds of short connections for each of another figure: a machine that is as fast in one second as in the next needs fewer. */
const CHURN_ROUNDS = 4;
const IDLE = 5000;
const IDLE_FOR_TIMERS = 10_000;
/** Before the start; above it the figures say more about the other work than about the proxies. */
const MAX_LOAD = 1;
/** Descriptors of a process that are no connections. */
const OTHER_DESCRIPTORS = 64;

const options = readOptions();
const notes: string[] = [];
const loadAtStart = os.loadavg()[0]!;
const teardown = new Teardown();
const ports = new Ports();
const folder = mkdtempSync(path.join(os.tmpdir(), 'lastfin-bench-'));
teardown.add('the folder of configs and logs', () => rmSync(folder, { recursive: true }));

try {
  const figures = (await measure()).map(judge);
  report(figures);
  if (options.strict && figures.some(({ met }) => met === false)) process.exitCode = 1;
} finally {
  await teardown.run();
}

async function measure(): Promise<Figure[]> {
  const pem = await writeCertificate();
  const hosts = CONTENDERS.map((_, index) => `127.0.2.${index + 1}`);
  const upstream = fork(compiled('bench/proxy/upstream.js'), hosts, { execArgv: [] });
  teardown.add('the upstream', () => void upstream.kill());
  const [upstreams] = (await once(upstream, 'message')) as [UpstreamPorts[]];
  const driving = fork(compiled('bench/proxy/driver.js'), { execArgv: [] });
  teardown.add('the driver', () => void driving.kill());
  const driver = new Remote<Driver>(driving, 'the driver');
  // each has an upstream address of its own: the TIME_WAITs of one do not take ports of another
  const start = (name: ContenderName): Promise<Contender | undefined> =>
    startContender(name, upstreams[CONTENDERS.indexOf(name)]!, { ports, teardown, folder, pem });

  const contenders: Contender[] = [];
  for (const name of CONTENDERS) {
    const contender = await start(name);
    if (contender === undefined) notes.push(`${name} is not installed here: its column is empty`);
    else contenders.push(contender);
  }
  const measured = { driver, contenders, rounds: options.rounds };
  const run: Record<Group, () => Promise<Figure[]>> = {
    throughput: async () => [
      await throughput(measured, 'down', 1),
      await throughput(measured, 'down', 16),
      await throughput(measured, 'up', 1),
      await throughput(measured, 'up', 16),
    ],
    connections: () => connectionRate({ ...measured, rounds: CHURN_ROUNDS * options.rounds }, 2000),
    'round-trip': () => roundTrip(measured, 4000),
    http: async () => [
      ...(await http(measured, 'http', 'HTTP through TCP, 20 connections')),
      ...(await http(measured, 'tls', 'HTTP behind TLS, 20 connections')),
      ...(await http2(measured, 'HTTP/2 behind TLS, 20 connections of 10 streams')),
    ],
    idle: async () => {
      for (const contender of contenders) await contender.stop();
      return idle(start, driver);
    },
    nftables: () => kernelRoute(options.rounds, folder, notes),
  };
  const figures: Figure[] = [];
  for (const group of GROUPS) {
    if (options.only.length > 0 && !options.only.includes(group)) continue;
    process.stderr.write(`${group} …\n`);
    figures.push(...(await run[group]()));
  }
  return figures;
}

async function idle(
  start: (name: ContenderName) => Promise<Contender | undefined>,
  driver: Remote<Driver>,
): Promise<Figure[]> {
  const costs: Partial<Record<ContenderName, IdleCost[]>> = {};
  for (const name of [...CONTENDERS, ...CONTENDERS.slice(0, 2), ...CONTENDERS.slice(0, 2)]) {
    const contender = await start(name);
    if (contender === undefined) continue;
    (costs[name] ??= []).push(await idleCost(contender, driver, IDLE));
    await contender.stop();
  }
  const count = Math.min(IDLE_FOR_TIMERS, Math.floor((descriptorLimit() - OTHER_DESCRIPTORS) / 2));
  if (count < IDLE_FOR_TIMERS) {
    notes.push(
      `${count} idle connections instead of ${IDLE_FOR_TIMERS}: two descriptors each, ulimit -Hn says ${descriptorLimit()}`,
    );
  }
  const contender = await start('lastfin');
  const timers = contender && (await idleTimers(contender, driver, count));
  await contender?.stop();
  const figure = (
    title: string,
    kind: keyof IdleCost,
    memory: 'heap' | 'resident',
    aim?: Figure['aim'],
  ): Figure => ({
    title,
    unit: 'KiB',
    compared: 'difference',
    ...(aim && { aim }),
    samples: Object.fromEntries(
      Object.entries(costs).map(([name, all]) => [
        name,
        all.flatMap((cost) => (cost[kind][memory] === undefined ? [] : [cost[kind][memory] / 1024])),
      ]),
    ),
  });
  const words = IDLE.toLocaleString('en');
  return [
    figure(`idle connection, heap (of ${words})`, 'perConnection', 'heap', { atMost: 2 }),
    figure(`idle connection, resident (of ${words})`, 'perConnection', 'resident', { atMost: 1 }),
    figure('left of it after its end, heap', 'left', 'heap', { atMost: 0.05 }),
    figure('left of it after its end, resident', 'left', 'resident'),
    {
      title: `timers for ${count.toLocaleString('en')} idle connections`,
      unit: '',
      compared: 'value',
      aim: { atMost: 1 },
      samples: { lastfin: timers === undefined ? [] : [timers] },
    },
  ];
}

function report(figures: readonly Judged[]): void {
  const about = `median of ${options.rounds} rounds (least–most of the pairs); Node ${process.version}, ${os.cpus().length} cores, load ${loadAtStart.toFixed(2)} at the start, ${os.loadavg()[0]!.toFixed(2)} at the end`;
  if (loadAtStart > MAX_LOAD) {
    notes.push(
      `the machine had other work (load ${loadAtStart.toFixed(2)} before this): run it again when it has none`,
    );
  }
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify({ about, node: process.version, cores: os.cpus().length, rounds: options.rounds, notes, figures }, undefined, 2)}\n`,
    );
  }
  if (options.markdown) process.stdout.write(`${markdown(figures)}\n\n`);
  else {
    const table = new Table({ head: HEAD, style: { head: [], border: [] } });
    table.push(...cells(figures));
    process.stdout.write(`${table.toString()}\n`);
  }
  process.stdout.write([about, ...notes, ''].join('\n'));
}

async function writeCertificate(): Promise<string> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const file = path.join(folder, 'certificate.pem');
  writeFileSync(file, `${made.cert}\n${made.private}\n`);
  return file;
}

type Options = { rounds: number; only: Group[]; markdown: boolean; json?: string; strict: boolean };

function readOptions(): Options {
  const command = new Command('bench:proxy')
    .description('Measures the reference proxy against a bare pipe, nginx and HAProxy.')
    .option('--rounds <count>', 'of each measurement', parseCount, 9)
    .option('--only <group...>', `only ${GROUPS.join(', ')}`, parseGroup, [])
    .option('--markdown', 'print the table for the README', false)
    .option('--json <file>', 'write all values of all rounds')
    .option('--strict', 'exit with 1 if an aim is missed', false);
  return command.parse().opts<Options>();
}

function parseCount(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Expected 1 to 99.');
  return Number(text);
}

function parseGroup(text: string, before: Group[]): Group[] {
  const group = GROUPS.find((name) => name === text);
  if (group === undefined) throw new InvalidArgumentError(`Expected one of ${GROUPS.join(', ')}.`);
  return [...before, group];
}
