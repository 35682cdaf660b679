import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Network } from '../../lab/network/network.ts';
import { type Cable, cablesOf, type Place } from '../../lab/network/network-plan.ts';
import type { CutCable, KernelFault } from '../../scenario/kernel-fault.ts';
import type { Side } from '../../scenario/trigger.ts';
import type { Heal, KernelContext } from './kernel-context.ts';

/** End of a cable: the device that goes down. */
type End = { device: Cable; where: Place };

/** Time limit for a transport to come back, ms: the kernel reports it to devices at most once a second. */
const TRANSPORT_DEADLINE = 5_000;
const TRANSPORT_POLL = 10;

/** Unplugs a cable at the end far from the target; the target's end loses its transport. */
export function cutCable(context: KernelContext, cut: CutCable): Promise<Heal> {
  return takeDown(context, farEnd(context, cut));
}

/** Sets the target's own interface down. */
export function takeInterfaceDown(context: KernelContext, side: Side): Promise<Heal> {
  return takeDown(context, { device: side, where: 'target' });
}

/** Unplugs a cable and plugs it in, again and again, in the background; healed: it is plugged in. */
export async function flap(
  context: KernelContext,
  { cut, times, down, up }: Extract<KernelFault, { kind: 'flap' }>,
): Promise<Heal> {
  const end = farEnd(context, cut);
  const over = new AbortController();
  const { signal } = over;
  let putBack = await takeDown(context, end);
  const flapping = (async (): Promise<void> => {
    for (let time = 1; ; time++) {
      await delay(down, undefined, { signal });
      await putBack();
      putBack = () => undefined;
      if (time === times) return;
      await delay(up, undefined, { signal });
      putBack = await takeDown(context, end);
    }
  })();
  // an interruption heals it early; other errors are reported by the heal
  flapping.catch(() => undefined);
  return async () => {
    over.abort();
    await flapping.catch((error: unknown) => {
      if (!signal.aborted || !(error instanceof Error) || error.name !== 'AbortError') throw error;
    });
    await putBack();
  };
}

function farEnd({ network }: KernelContext, cut: CutCable): End {
  if (network.kind === 'routed' && cut !== 'client') {
    return cut === 'router'
      ? { device: 'uplink', where: 'harness' }
      : { device: 'upstream', where: 'router' };
  }
  if (network.kind !== 'hosts' || cut === 'router') {
    throw new LastfinError(
      'LASTFIN_LAB',
      `there is no ${cut} cable in a network of kind \`${network.kind}\``,
    );
  }
  return { device: cut, where: 'harness' };
}

async function takeDown({ network }: KernelContext, { device, where }: End): Promise<Heal> {
  const ip = (...words: string[]): Promise<string> => network.run('ip', words, { where });
  const keep = `net.ipv6.conf.${device}.keep_addr_on_down`;
  // otherwise a device that goes down loses its IPv6 addresses
  const kept = await network.setSysctl(keep, 1, where);
  const routes = await routesOf(ip, device);
  await ip('link', 'set', device, 'down');
  return async () => {
    await ip('link', 'set', device, 'up');
    for (const route of routes) await ip(...route);
    if (kept !== undefined) await network.setSysctl(keep, kept, where);
    await untilRunning(network, device);
  };
}

/** Waits until both ends of a cable carry packets again, and clears their failed neighbour entries. */
async function untilRunning(network: Network, device: Cable): Promise<void> {
  const ends = cablesOf(network.kind === 'routed' ? 'routed' : 'hosts').filter(
    ({ cable }) => cable === device,
  );
  const end = performance.now() + TRANSPORT_DEADLINE;
  for (const where of ends.flatMap(({ near, far }) => [near, far])) {
    while (!(await network.run('ip', ['-oneline', 'link', 'show', device], { where })).includes('state UP')) {
      if (performance.now() > end) {
        throw new LastfinError('LASTFIN_LAB', `the ${device} cable was put back, but has no transport`);
      }
      await delay(TRANSPORT_POLL);
    }
    await network.run('ip', ['neighbour', 'flush', 'dev', device], { where });
  }
}

/** Commands that restore added routes, which vanish when their device goes down. */
async function routesOf(ip: (...words: string[]) => Promise<string>, device: string): Promise<string[][]> {
  const found = await Promise.all(
    ['-4', '-6'].map(async (version) => {
      const lines = (await ip(version, 'route', 'show', 'dev', device)).split('\n');
      return lines
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.includes('proto kernel') && !line.includes('linkdown'))
        .map((line) => [
          version,
          'route',
          'replace',
          ...line.replace(' pref medium', '').split(/\s+/),
          'dev',
          device,
        ]);
    }),
  );
  return found.flat();
}
