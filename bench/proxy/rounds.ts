import type { Contender } from './contenders.ts';
import type { Driver } from './driver.ts';
import type { Figure, Samples } from './figures.ts';
import type { Requests } from './http2-load.ts';
import { cpuTime } from '../process-figures.ts';
import type { Remote } from '../remote.ts';

type Measured = { driver: Remote<Driver>; contenders: readonly Contender[]; rounds: number };

/** Measures each contender once a round, in reverse order in every other round. */
async function inTurns(
  { contenders, rounds }: Measured,
  run: (contender: Contender) => Promise<number>,
  warmUps = 1,
): Promise<Samples> {
  const samples = Object.fromEntries(contenders.map(({ name }): [string, number[]] => [name, []]));
  // the first times compile and fill what later rounds find ready
  for (let time = 0; time < warmUps; time++) for (const contender of contenders) await run(contender);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) samples[contender.name]!.push(await run(contender));
  }
  return samples;
}

/** In ms, of each measurement of throughput. */
const BULK = 400;

/** Measures the bytes a second from the upstream, which sends without end, or to it. */
export async function throughput(
  measured: Measured,
  way: 'down' | 'up',
  connections: number,
): Promise<Figure> {
  const call = way === 'down' ? 'bulk' : 'push';
  return {
    title: `TCP throughput ${way}, ${connections} connection${connections === 1 ? '' : 's'}`,
    unit: 'MB/s',
    compared: 'ratio',
    aim: { atLeast: 0.95 },
    samples: await inTurns(measured, ({ listeners }) =>
      measured.driver.call(call, way === 'down' ? listeners.source : listeners.sink, connections, BULK),
    ),
  };
}

/** A connection runs through much code once: it takes thousands of them until all of it is compiled. */
const CHURN_WARM_UPS = 4;

/** Connections per second, and what each costs the proxy's process, from the same runs. */
export async function connectionRate(measured: Measured, count: number): Promise<Figure[]> {
  const cpu: Record<string, number[]> = {};
  const one = async ({ name, pid, listeners }: Contender): Promise<number> => {
    const before = cpuTime(pid);
    const { connections, ms } = await measured.driver.call('churn', listeners.echo, count, 50);
    (cpu[name] ??= []).push(((cpuTime(pid) - before) * 1000) / connections);
    return connections / (ms / 1000);
  };
  const samples = await inTurns(measured, one, CHURN_WARM_UPS);
  // without the warm-up
  const costs = Object.fromEntries(
    Object.entries(cpu).map(([name, all]) => [name, all.slice(CHURN_WARM_UPS)]),
  );
  return [
    {
      title: 'connections, 50 at once',
      unit: '1/s',
      compared: 'ratio',
      aim: { atLeast: 0.95 },
      samples,
    },
    {
      title: 'CPU time of a connection',
      unit: 'µs',
      compared: 'ratio',
      aim: { atMost: 1.15 },
      samples: costs,
    },
  ];
}

/** All contenders are asked in turns of a few trips, so that what disturbs one disturbs the others. */
export async function roundTrip({ driver, contenders, rounds }: Measured, count: number): Promise<Figure[]> {
  const ports = contenders.map(({ listeners }) => listeners.echo);
  const p50: Record<string, number[]> = {};
  const p99: Record<string, number[]> = {};
  await driver.call('trips', ports, count / 4);
  for (let round = 0; round < rounds; round++) {
    const trips = await driver.call('trips', ports, count);
    for (const [index, { name }] of contenders.entries()) {
      (p50[name] ??= []).push(trips[index]!.p50);
      (p99[name] ??= []).push(trips[index]!.p99);
    }
  }
  const common = { unit: 'µs', compared: 'ratio' } as const;
  return [
    { title: 'round trip of 64 bytes, p50', ...common, samples: p50 },
    { title: 'round trip of 64 bytes, p99', ...common, aim: { atMost: 1.15 }, samples: p99 },
  ];
}

/** A request runs through much code, too. */
const HTTP_WARM_UPS = 2;

/** Requests per second over keep-alive connections, by autocannon, and what each costs the proxy's process in the same runs. */
export async function http(measured: Measured, listener: 'http' | 'tls', title: string): Promise<Figure[]> {
  const scheme = listener === 'tls' ? 'https' : 'http';
  const load = ({ listeners }: Contender): Promise<Requests> =>
    measured.driver.call('http', `${scheme}://127.0.0.1:${listeners[listener]}/`, 20, 1);
  return requests(measured, load, title, listener === 'tls');
}

/** The same over HTTP/2; the bare pipe speaks none. */
export async function http2(measured: Measured, title: string): Promise<Figure[]> {
  const load = ({ listeners }: Contender): Promise<Requests> =>
    measured.driver.call('http2', listeners.tls, { connections: 20, streams: 10, seconds: 1 });
  const contenders = measured.contenders.filter(({ name }) => name !== 'bare');
  return requests({ ...measured, contenders }, load, title, true);
}

async function requests(
  measured: Measured,
  load: (contender: Contender) => Promise<Requests>,
  title: string,
  hasAims: boolean,
): Promise<Figure[]> {
  const cpu: Record<string, number[]> = {};
  const p99: Record<string, number[]> = {};
  const one = async (contender: Contender): Promise<number> => {
    const { name, pid } = contender;
    const before = cpuTime(pid);
    const done = await load(contender);
    (cpu[name] ??= []).push(((cpuTime(pid) - before) * 1000) / done.requests);
    (p99[name] ??= []).push(done.p99);
    return done.requests / done.seconds;
  };
  const samples = await inTurns(measured, one, HTTP_WARM_UPS);
  const measuredOnes = (all: Record<string, number[]>): Samples =>
    Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.slice(HTTP_WARM_UPS)]));
  const common = { compared: 'ratio', ...(hasAims && { against: 'nginx' }) } as const;
  return [
    { title, unit: '1/s', ...common, ...(hasAims && { aim: { atLeast: 0.5 } }), samples },
    {
      title: `${title}: p99`,
      unit: 'µs',
      ...common,
      ...(hasAims && { aim: { atMost: 2 } }),
      samples: measuredOnes(p99),
    },
    { title: `${title}: CPU time of a request`, unit: 'µs', ...common, samples: measuredOnes(cpu) },
  ];
}
