import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openProbe, type Probe } from '../harness/probe/probe-server.ts';
import { median } from './statistics.ts';
import { bulk, churn } from './tcp-load.ts';
import type { BareListener } from './proxy-bare.ts';

/**
 * What the probe costs a target: the bare proxy with and without it, in pairs in one run, each pair in the other order. Then how long
 * a report takes on a heap of 100 MB. `node probe.js [PAIRS]`
 */
const PAIRS = Number(process.argv[2] ?? 5);
const REPORTS = 5;
const CONNECTIONS = 2000;
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

type Measured = { connections: number; throughput: number; startedIn?: number };

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function untilListening(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
  }
}

async function measure(services: { echo: number; source: number }, probed: boolean): Promise<Measured> {
  const [one, other] = [await freePort(), await freePort()];
  const probe: Probe | undefined = probed ? await openProbe() : undefined;
  const listeners: BareListener[] = [
    { port: one, upstream: { host: '127.0.0.1', port: services.echo } },
    { port: other, upstream: { host: '127.0.0.1', port: services.source } },
  ];
  const proxy = spawn(
    process.execPath,
    [...(probe?.importArgs ?? []), file('proxy-bare.js'), JSON.stringify(listeners)],
    {
      env: { ...process.env, ...probe?.env },
      stdio: 'inherit',
    },
  );
  try {
    const startedIn = (await probe?.connected())?.startedIn;
    await Promise.all([untilListening(one), untilListening(other)]);
    await probe?.baseline();
    await churn(one, CONNECTIONS / 10, 50);
    const { ms } = await churn(one, CONNECTIONS, 50);
    const connections = CONNECTIONS / (ms / 1000);
    const throughput = await bulk(other, 4, 1000);
    return { connections, throughput, ...(startedIn === undefined ? {} : { startedIn }) };
  } finally {
    await probe?.close();
    await end(proxy);
  }
}

/** ms of each report on a heap of about 100 MB of small objects. */
async function reportTimes(): Promise<{ heap: number; times: number[] }> {
  const source = `
    globalThis.kept = Array.from({ length: 900_000 }, (_, i) => ({ id: i, name: 'n' + i, at: { ms: i } }));
    setInterval(() => {}, 1e6); console.log('ready');`;
  const probe = await openProbe();
  const child = spawn(process.execPath, [...probe.importArgs, '-e', source], {
    env: { ...process.env, ...probe.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await Promise.all([probe.connected(), once(child.stdout, 'data')]);
    await probe.baseline();
    const times: number[] = [];
    for (let i = 0; i < REPORTS; i++) times.push((await probe.report()).took);
    return { heap: (await probe.sample()).heapUsed / 1e6, times };
  } finally {
    await probe.close();
    await end(child);
  }
}

const upstream = spawn(process.execPath, [file('upstream.js'), '127.0.0.1'], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
try {
  const [[services]] = (await once(upstream, 'message')) as [[{ echo: number; source: number }]];
  const ratios = { connections: [] as number[], throughput: [] as number[] };
  const starts: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const order = pair % 2 === 0 ? [false, true] : [true, false];
    const measured = new Map<boolean, Measured>();
    for (const probed of order) measured.set(probed, await measure(services, probed));
    const [bare, probed] = [measured.get(false), measured.get(true)];
    if (!bare || !probed) throw new Error('a pair has two halves');
    ratios.connections.push(probed.connections / bare.connections);
    ratios.throughput.push(probed.throughput / bare.throughput);
    starts.push(probed.startedIn ?? NaN);
  }
  const { heap, times } = await reportTimes();
  const percent = (values: readonly number[]): string => `${(median(values) * 100).toFixed(1)} %`;
  console.log(`connections per second with the probe   ${percent(ratios.connections)} of those without it`);
  console.log(`throughput with the probe               ${percent(ratios.throughput)} of that without it`);
  console.log(`start of the probe                      ${median(starts)} ms`);
  console.log(
    `report on a heap of ${heap.toFixed(0)} MB             ${median(times)} ms (of ${times.join(', ')})`,
  );
} finally {
  await end(upstream);
}
