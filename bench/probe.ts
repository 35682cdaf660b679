import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from '../shared/package-root.ts';
import { Ports } from '../harness/lab/network/ports.ts';
import { within } from '../shared/within.ts';
import { openProbe, type Probe } from '../harness/probe/host/probe.ts';
import type { Report } from '../harness/probe/protocol.ts';
import { cpuTime } from './process-figures.ts';
import { median, pairs, summarize } from './statistics.ts';
import { bulk, churn, untilAccepting } from './tcp-load.ts';
import type { BareListener } from './proxy/bare.ts';
import type { UpstreamPorts } from './proxy/upstream.ts';

/**
 * `npm run bench:probe -- [TIMES]`: what the probe costs a target. The bare proxy with and without it, both alive and asked in very short turns,
 * so that what disturbs one disturbs the other; several times with new processes, because each has its own luck with memory. A third process
 * without it tells how much two of the same differ here. Then how long a report takes on a heap of 100 MB.
 */
const TIMES = Number(process.argv[2] ?? 6);
const ROUNDS = 40;
/** Code that runs once a connection takes thousands of them until all of it is compiled. */
const WARM_UPS = 25;
const REPORTS = 5;
const CONNECTIONS = 300;
/** ms of each measurement of throughput */
const BULK = 60;

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

const TITLES = {
  connections: 'connections per second',
  connectionCpu: 'processor time of a connection',
  throughput: 'throughput',
  bulkCpu: 'processor time of a byte',
};
type Figures = Record<keyof typeof TITLES, number[]>;
const FIGURES = Object.keys(TITLES) as (keyof Figures)[];

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
    [...(probe?.importArgs ?? []), compiled('bench/proxy/bare.js'), JSON.stringify(listeners)],
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

/** Ratios, one a round. */
type Compared = { probed: Figures; bare: Figures; startedIn: number };

/** Compares a proxy with the probe, and a second one without it, to one without it; one ratio a round. */
async function compare(to: UpstreamPorts): Promise<Compared> {
  const proxies = [await start(to, false), await start(to, true), await start(to, false)] as const;
  const figures = [nothing(), nothing(), nothing()] as const;
  try {
    for (let time = 0; time < WARM_UPS; time++) for (const one of proxies) await measure(one, nothing());
    for (let round = 0; round < ROUNDS; round++) {
      for (let turn = 0; turn < proxies.length; turn++) {
        const which = (round + turn) % proxies.length;
        await measure(proxies[which]!, figures[which]!);
      }
    }
  } finally {
    await Promise.all(proxies.map((one) => one.stop()));
  }
  const [bare, probed, again] = figures;
  return { probed: ratios(probed, bare), bare: ratios(again, bare), startedIn: proxies[1].startedIn };
}

function ratios(of: Figures, to: Figures): Figures {
  const all = nothing();
  for (const key of FIGURES) all[key] = pairs(of[key], to[key], (a, b) => a / b);
  return all;
}

/** Things that are left for each kind of report, on a heap of about 100 MB of small objects. */
const LEFT = {
  nothing: '',
  'one more listener each time': `process.on('lastfin-bench', () => {});`,
  'a timer more each time': `setTimeout(() => {}, 1e6);`,
  'a connection left open each time': `net.connect(port, '127.0.0.1');`,
  'a Map that grows by 50 each time': `for (let i = 0; i < 50; i++) grown.set({}, i);`,
} as const;

/** As a run asks: reports that only number what has grown, and after more of it one that names it. */
async function reportTimes(
  leak: string,
): Promise<{ heap: number; times: number[]; naming: number; suspects: number }> {
  const source = `
    import net from 'node:net';
    globalThis.kept = Array.from({ length: 900_000 }, (_, i) => ({ id: i, name: 'n' + i, at: { ms: i } }));
    const grown = new Map();
    process.setMaxListeners(0);
    process.stdin.on('data', () => { ${leak}; console.log('left'); });
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    console.log('ready');`;
  const probe = await openProbe();
  const child = spawn(process.execPath, [...probe.importArgs, '--input-type=module', '-e', source], {
    env: { ...process.env, ...probe.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await Promise.all([probe.connected(), once(child.stdout, 'data')]);
    await probe.baseline();
    const report = async (placeholders: boolean): Promise<Report> => {
      const left = once(child.stdout, 'data');
      child.stdin.write('more');
      await left;
      return probe.report({ placeholders });
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

/** The middle of all rounds of all times, and the least and the most that a time had in the middle of its own. */
function inWords(times: readonly (readonly number[])[]): string {
  const { least, most } = summarize(times.map(median));
  const words = [median(times.flat()), least, most].map((value) => `${(value * 100).toFixed(1)} %`);
  return `${words[0]!.padStart(8)} (${words[1]} to ${words[2]})`;
}

const upstream = spawn(process.execPath, [compiled('bench/proxy/upstream.js'), '127.0.0.1'], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
try {
  const [[services]] = (await once(upstream, 'message')) as [[UpstreamPorts]];
  const all: Compared[] = [];
  for (let time = 0; time < TIMES; time++) all.push(await compare(services));
  const say = (title: string, words: string): void => console.log(`${title.padEnd(64)}${words}`);
  console.log(
    `of what a process without the probe does, ${TIMES} times new processes, ${ROUNDS} rounds each; median (least to most of a time)`,
  );
  for (const key of FIGURES) {
    say(`${TITLES[key]}, with the probe`, inWords(all.map(({ probed }) => probed[key])));
    say(`${TITLES[key]}, another without it`, inWords(all.map(({ bare }) => bare[key])));
  }
  say('start of the probe', `${median(all.map(({ startedIn }) => startedIn))} ms`);
  for (const [name, leak] of Object.entries(LEFT)) {
    const { heap, times, naming, suspects } = await reportTimes(leak);
    const title = `report on a heap of ${heap.toFixed(0)} MB, ${name}`;
    say(title, `${median(times)} ms (${times.join(', ')}; ${suspects} found, named in ${naming} ms)`);
  }
} finally {
  await end(upstream);
}
