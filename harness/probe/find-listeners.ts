/**
 * Listeners that emitters and EventTargets of the baseline have got more of.
 */
import type { Baseline } from './baseline.ts';
import type { Census } from './census.ts';
import { fingerprint, type Found } from './found.ts';
import { className, listenersOf, listenersOfTarget, type Listeners } from './listeners.ts';
import { describeSocket, isStdio } from './live-sockets.ts';
import type { Locator } from './locate.ts';
import net from 'node:net';

const LOCATED = 200;

export async function findListeners(census: Census, baseline: Baseline, locator: Locator): Promise<Found[]> {
  const found: Found[] = [];
  for (const emitter of census.emitters) {
    found.push(...(await growthOn(emitter, listenersOf(emitter), baseline, locator)));
  }
  for (const target of census.targets) {
    found.push(...(await growthOn(target, listenersOfTarget(target), baseline, locator)));
  }
  return found;
}

async function growthOn(
  emitter: object,
  listeners: Listeners,
  baseline: Baseline,
  locator: Locator,
): Promise<Found[]> {
  const before = baseline.listeners.get(emitter);
  if (!before) return [];
  const found: Found[] = [];
  for (const [event, registered] of listeners) {
    const growth = registered.length - (before.get(event) ?? 0);
    if (growth <= 0) continue;
    const fresh = registered.slice(-growth);
    const where = await locator.userPositions(fresh.slice(0, LOCATED));
    // workers and child processes pipe into them: Node's own doing, told by those handles
    if (where.length === 0 && isStandardStream(emitter)) continue;
    const on = `${className(emitter)} '${String(event)}'`;
    const inside = where.length > 0 ? '' : await internalName(fresh[0], locator);
    found.push({
      suspect: {
        resource: 'listener',
        fingerprint: fingerprint('listener', `${on}${inside}`, where),
        count: growth,
        rule: 'growth',
        where,
        sample: `${on}: ${registered.length} listeners, ${growth} more than at the baseline${inside}${
          emitter instanceof net.Socket ? `; ${describeSocket(emitter)}` : ''
        }`,
      },
      causes: fresh.filter((one) => typeof one === 'function'),
      grew: [emitter],
    });
  }
  return found;
}

function isStandardStream(emitter: object): boolean {
  if (emitter instanceof net.Socket) return isStdio(emitter);
  const { fd } = emitter as { fd?: unknown };
  return className(emitter) === 'SyncWriteStream' && (fd === 1 || fd === 2);
}

/** A listener of Node's own, put there by `events.once`, `stream.finished` or the like. */
async function internalName(listener: unknown, locator: Locator): Promise<string> {
  const position = await locator.position(listener);
  return position ? `, ${position.name ?? 'a function'} of ${position.file}` : '';
}
