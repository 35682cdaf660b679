import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from '../harness/lab/package-root.ts';
import { Ports } from '../harness/lab/ports.ts';
import { within } from '../harness/lab/within.ts';
import { openProbe, type Probe } from '../harness/probe/probe-server.ts';
import type { Report } from '../harness/probe/protocol.ts';
import { cpuTime } from './process-figures.ts';
import { median, pairs, summarize } from './statistics.ts';
import { bulk, churn, untilAccepting } from './tcp-load.ts';
import type { BareListener } from './proxy-bare.ts';
import type { UpstreamPorts } from './upstream.ts';

/**
 * `npm run bench:probe -- [PROCESSES]`: what the probe costs a target. The bare proxy with and without it, both alive and asked in short turns,
 * so that what disturbs one disturbs the other; several pairs of processes, because each has its own luck with memory. Then how long a
 * report takes on a heap of 100 MB.
 */
const PROCESSES = Number(process.argv[2] ?? 4);
const ROUNDS = 10;
/** Code that runs once a connection takes thousands of them until all of it is compiled. */
const WARM_UPS = 5;
const REPORTS = 5;
const CONNECTIONS = 1500;
/** ms of each measurement of throughput */
const BULK = 250;

/**
 * glibc gives freed memory back to the kernel, or does not, by luck of what lies at the heap's end: the same program was 40 % slower from one
 * start to the next, with forty times the page faults. So nobody gives any back.
 */
const KEEP_FREED_MEMORY = {
  MALLOC_TRIM_THRESHOLD_: String(2 ** 28),
  MALLOC_MMAP_THRESHOLD_: String(2 ** 25),
};

const ports = new Ports();

type Proxy = { pid: number; echo: number; source: number; startedIn: number; stop(): Promise<void> };
type Figures = { connections: number[]; connectionCpu: number[]; throughput: number[]; bulkCpu: number[] };

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function start(to: UpstreamPorts, probed: boolean): Promise<Proxy> {
  const [echo, source] = [await ports.take(), await ports.take()];
  const probe: Probe | undefined = probed ? await openProbe() : undefined;
  const listeners: BareListener[] = [
    { port: echo, upstream: { host: to.host, port: to.echo } },
    { port: source, upstream: { host: to.host, port: to.source } },
  ];
  const child = spawn(
    process.execPath,
    [...(probe?.importArgs ?? []), compiled('bench/proxy-bare.js'), JSON.stringify(listeners)],
    { env: { ...process.env, ...KEEP_FREED_MEMORY, ...probe?.env }, stdio: 'inherit' },
  );
  const startedIn = (await probe?.connected())?.startedIn ?? NaN;
  await within(10_000, 'starting a proxy', Promise.all([untilAccepting(echo), untilAccepting(source)]));
  await probe?.baseline();
  const stop = async (): Promise<void> => {
    await probe?.close();
    await end(child);
  };
  return { pid: child.pid ?? 0, echo, source, startedIn, stop };
}

async function measure({ pid, echo, source }: Proxy, into: Figures): Promise<void> {
  const before = cpuTime(pid);
  const { ms } = await churn(echo, CONNECTIONS, 50);
  const between = cpuTime(pid);
  const rate = await bulk(source, 4, BULK);
  into.connections.push(CONNECTIONS / ms);
  into.connectionCpu.push((between - before) / CONNECTIONS);
  into.throughput.push(rate);
  into.bulkCpu.push((cpuTime(pid) - between) / rate);
}

const nothing = (): Figures => ({ connections: [], connectionCpu: [], throughput: [], bulkCpu: [] });

/** With the probe divided by without it, one ratio a round. */
async function compare(to: UpstreamPorts): Promise<{ ratios: Figures; startedIn: number }> {
  const bare = await start(to, false);
  const probed = await start(to, true);
  const figures = { bare: nothing(), probed: nothing() };
  try {
    for (let time = 0; time < WARM_UPS; time++)
      for (const one of [bare, probed]) await measure(one, nothing());
    for (let round = 0; round < ROUNDS; round++) {
      const order = round % 2 === 0 ? (['bare', 'probed'] as const) : (['probed', 'bare'] as const);
      for (const name of order) await measure(name === 'bare' ? bare : probed, figures[name]);
    }
  } finally {
    await Promise.all([bare.stop(), probed.stop()]);
  }
  const ratios = nothing();
  for (const key of Object.keys(ratios) as (keyof Figures)[])
    ratios[key] = pairs(figures.probed[key], figures.bare[key], (a, b) => a / b);
  return { ratios, startedIn: probed.startedIn };
}

/** What each of the reports finds on a heap of about 100 MB of small objects. */
const LEFT = {
  nothing: '',
  'one more listener each time': `process.on('lastfin-bench', () => {});`,
  'a Map that grows by 50 each time': `for (let i = 0; i < 50; i++) grown.set({}, i);`,
} as const;

/** As a run asks: reports that only number what has grown, and after more of it one that names it. */
async function reportTimes(
  leak: string,
): Promise<{ heap: number; times: number[]; naming: number; suspects: number }> {
  const source = `
    globalThis.kept = Array.from({ length: 900_000 }, (_, i) => ({ id: i, name: 'n' + i, at: { ms: i } }));
    const grown = new Map();
    process.setMaxListeners(0);
    process.stdin.on('data', () => { ${leak}; console.log('left'); });
    console.log('ready');`;
  const probe = await openProbe();
  const child = spawn(process.execPath, [...probe.importArgs, '--input-type=module', '-e', source], {
    env: { ...process.env, ...probe.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await Promise.all([probe.connected(), once(child.stdout, 'data')]);
    await probe.baseline();
    const report = async (nameless: boolean): Promise<Report> => {
      const left = once(child.stdout, 'data');
      child.stdin.write('more');
      await left;
      return probe.report({ nameless });
    };
    const times: number[] = [];
    for (let i = 0; i < REPORTS; i++) times.push((await report(true)).took);
    const { took: naming, suspects } = await report(false);
    const heap = (await probe.sample()).heapUsed / 1e6;
    return { heap, times, naming, suspects: suspects.length };
  } finally {
    await probe.close();
    await end(child);
  }
}

const percent = (values: readonly number[]): string => {
  const { median: middle, least, most } = summarize(values);
  const words = [middle, least, most].map((value) => `${(value * 100).toFixed(1)} %`);
  return `${words[0]!.padStart(8)} of those without it (${words[1]} to ${words[2]})`;
};

const upstream = spawn(process.execPath, [compiled('bench/upstream.js'), '127.0.0.1'], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
try {
  const [[services]] = (await once(upstream, 'message')) as [[UpstreamPorts]];
  const all = nothing();
  const starts: number[] = [];
  for (let pair = 0; pair < PROCESSES; pair++) {
    const { ratios, startedIn } = await compare(services);
    for (const key of Object.keys(all) as (keyof Figures)[]) all[key].push(...ratios[key]);
    starts.push(startedIn);
  }
  const say = (title: string, words: string): void => console.log(`${title.padEnd(64)}${words}`);
  console.log(
    `with the probe, ${PROCESSES} pairs of processes, ${ROUNDS} rounds each; median (least to most)`,
  );
  say('connections per second', percent(all.connections));
  say('processor time of a connection', percent(all.connectionCpu));
  say('throughput', percent(all.throughput));
  say('processor time of a byte', percent(all.bulkCpu));
  say('start of the probe', `${median(starts)} ms`);
  for (const [name, leak] of Object.entries(LEFT)) {
    const { heap, times, naming, suspects } = await reportTimes(leak);
    const title = `report on a heap of ${heap.toFixed(0)} MB, ${name}`;
    say(title, `${median(times)} ms (${times.join(', ')}; ${suspects} found, named in ${naming} ms)`);
  }
} finally {
  await end(upstream);
}
