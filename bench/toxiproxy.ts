import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { Toxiproxies } from '../harness/faults/toxiproxy-links.ts';
import { answering, findRealToxiproxy } from '../harness/faults/toxiproxy-process.ts';
import { compiled } from '../shared/package-root.ts';
import { Ports } from '../harness/lab/network/ports.ts';
import { within } from '../shared/within.ts';
import { median as medianOf, percentile } from './statistics.ts';
import { bulk, churn, roundTrips } from './tcp-load.ts';
import { idleMemory, steadyRate } from './toxiproxy-measures.ts';
import type { UpstreamPorts } from './proxy/upstream.ts';

/**
 * `npm run bench:toxiproxy`: the embedded Toxiproxy against the real one, side by side in one run, in turns. Prints a Markdown
 * table; only figures of one run may be compared.
 */
const TURNS = 3;
const ASKED_LATENCY = 50;
const ASKED_RATE = 5000;

const ROWS = {
  'bulk, 1 connection, MB/s': 1,
  'bulk, 16 connections, MB/s': 1,
  'open-echo-close, 50 at once, connections/s': 1,
  'round trip p50, µs': -1,
  'round trip p99, µs': -1,
  '1,000 idle connections, MB': -1,
  [`latency toxic of ${ASKED_LATENCY} ms: off by, p50, ms`]: -1,
  [`latency toxic of ${ASKED_LATENCY} ms: off by, p95, ms`]: -1,
  [`bandwidth toxic of ${ASKED_RATE} KB/s: off by, %`]: -1,
} as const satisfies Record<string, 1 | -1>;

type Row = keyof typeof ROWS;
type Figures = Record<string, number>;

const ports = new Ports();
const upstream = fork(compiled('bench/proxy/upstream.js'), ['127.0.0.1'], { execArgv: [] });
const [[upstreamPorts]] = (await once(upstream, 'message')) as [[UpstreamPorts]];
const { echo, source } = upstreamPorts;

const real = findRealToxiproxy();
const turns: Record<'embedded' | 'real', Figures[]> = { embedded: [], real: [] };
for (let turn = 0; turn < TURNS; turn++) {
  turns.embedded.push(await figures([process.execPath, compiled('harness/toxiproxy/main.js')]));
  if (real !== undefined) turns.real.push(await figures([real]));
}
upstream.disconnect();
print();

/** All figures of one server, started anew for them. */
async function figures([command = '', ...commandArguments]: string[]): Promise<Figures> {
  const port = await ports.take();
  const flags = ['-host', '127.0.0.1', '-port', String(port)];
  const server = spawn(command, [...commandArguments, ...flags], { stdio: 'ignore' });
  try {
    const api = new Toxiproxies(`http://127.0.0.1:${port}`);
    await within(10_000, 'starting a Toxiproxy', answering(api));
    const link = async (
      name: string,
      to: number,
    ): Promise<{ at: number; link: Awaited<ReturnType<typeof api.link>> }> => {
      const at = await ports.take();
      return { at, link: await api.link(name, `127.0.0.1:${at}`, `127.0.0.1:${to}`) };
    };
    const plainEcho = await link('echo', echo);
    const plainSource = await link('source', source);
    const slowEcho = await link('slow-echo', echo);
    const slowSource = await link('slow-source', source);
    const toxic = {
      kind: 'toxic',
      direction: 'to-client',
      toxicity: 1,
      side: 'upstream',
      when: { at: 'connect' },
    } as const;
    await slowEcho.link.addToxic({ ...toxic, type: 'latency', attributes: { latency: ASKED_LATENCY } });
    await slowSource.link.addToxic({ ...toxic, type: 'bandwidth', attributes: { rate: ASKED_RATE } });
    return await measureAll(server, plainEcho.at, plainSource.at, slowEcho.at, slowSource.at);
  } finally {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
}

async function measureAll(
  server: ChildProcess,
  echoAt: number,
  sourceAt: number,
  slowEchoAt: number,
  slowSourceAt: number,
): Promise<Figures> {
  const idle = await idleMemory(echoAt, server.pid ?? 0);
  const [trips = []] = await roundTrips([echoAt], 5000);
  const [slowTrips = []] = await roundTrips([slowEchoAt], 40);
  const late = slowTrips.map((time) => Math.abs(time / 1000 - ASKED_LATENCY)).toSorted((a, b) => a - b);
  const rate = await steadyRate(slowSourceAt);
  await churn(echoAt, 200, 50);
  const opened = await churn(echoAt, 2000, 50);
  const values = [
    await bulk(sourceAt, 1, 1000),
    await bulk(sourceAt, 16, 1000),
    opened.connections / (opened.ms / 1000),
    percentile(trips, 0.5),
    percentile(trips, 0.99),
    idle,
    percentile(late, 0.5),
    percentile(late, 0.95),
    (Math.abs(rate - ASKED_RATE) / ASKED_RATE) * 100,
  ];
  return Object.fromEntries(Object.keys(ROWS).map((row, index) => [row, values[index] ?? Number.NaN]));
}

function median(row: string, of: readonly Figures[]): number {
  return medianOf(of.map((figure) => figure[row] ?? Number.NaN));
}

function print(): void {
  const lines = [
    `| median of ${TURNS} turns | embedded | real | embedded is |`,
    '| --- | ---: | ---: | --- |',
  ];
  for (const [row, better] of Object.entries(ROWS) as [Row, 1 | -1][]) {
    const ours = median(row, turns.embedded);
    const theirs = median(row, turns.real);
    const ratio = better === 1 ? ours / theirs : theirs / ours;
    const words = real === undefined ? '–' : `${ratio.toFixed(2)}× as good`;
    lines.push(`| ${row} | ${format(ours)} | ${real === undefined ? '–' : format(theirs)} | ${words} |`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  if (real === undefined) process.stdout.write('\nno real Toxiproxy here: `npm run setup` builds it\n');
  else process.stdout.write(`\nreal: ${path.basename(real)}; Node ${process.version}\n`);
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
