import { setTimeout as delay } from 'node:timers/promises';

import { within } from '../../shared/within.ts';
import type { Contender } from './contenders.ts';
import type { Driver } from './driver.ts';
import type { Gauge } from './gauge.ts';
import type { Remote } from '../remote.ts';
import { residentBytes } from '../process-figures.ts';

/** In bytes; of a process that is not Node's the heap is not known. */
export type Memory = { heap: number | undefined; resident: number };

export type IdleCost = {
  /** memory that each idle connection adds */
  perConnection: Memory;
  /** memory that is left of each when all have closed, from the second time on */
  left: Memory;
};

const WARM_UP = 500;

/** Cost of `count` idle connections for a freshly started proxy, and the memory that stays after they have closed. */
export async function idleCost(
  { name, pid, gauge, listeners }: Contender,
  driver: Remote<Driver>,
  count: number,
): Promise<IdleCost> {
  const read = async (): Promise<Memory> => {
    const own = await gauge?.call('memory');
    return { heap: own?.heap, resident: residentBytes(pid) };
  };
  const per = (after: Memory, before: Memory): Memory => ({
    heap: after.heap === undefined ? undefined : (after.heap - (before.heap ?? 0)) / count,
    resident: (after.resident - before.resident) / count,
  });
  const hold = async (connections: number): Promise<void> => {
    await driver.call('hold', listeners.echo, connections);
  };
  const release = async (): Promise<void> => {
    await driver.call('release');
    if (gauge) await within(20_000, `the end of the connections of ${name}`, noSockets(gauge));
  };
  // what is made once is made before the first look: compiled code and pools
  await hold(WARM_UP);
  await release();
  const before = await read();
  await hold(count);
  const during = await read();
  await release();
  // tables have grown, and allocators keep what they have got: what comes on top of that is left behind
  const after = await read();
  await hold(count);
  await release();
  return { perConnection: per(during, before), left: per(await read(), after) };
}

/** How many timers `count` idle connections add to a proxy. */
export async function idleTimers(
  { name, gauge, listeners }: Contender,
  driver: Remote<Driver>,
  count: number,
): Promise<number> {
  if (gauge === undefined) throw new Error(`${name} does not tell its timers`);
  const before = await gauge.call('timers');
  await driver.call('hold', listeners.echo, count);
  const timers = await gauge.call('timers');
  await driver.call('release');
  return timers - before;
}

async function noSockets(gauge: Remote<Gauge>): Promise<void> {
  while ((await gauge.call('sockets')) > 0) await delay(20);
}
