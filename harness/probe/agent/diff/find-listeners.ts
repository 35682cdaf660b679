/**
 * Finds listeners added to emitters and EventTargets since the baseline.
 */
import type { EventEmitter } from 'node:events';
import net from 'node:net';
import type { Baseline } from './baseline.ts';
import type { Census } from '../census/census.ts';
import { suspectFingerprint, type Found } from './found.ts';
import { idleSessions } from '../census/http2.ts';
import { idleTimeoutOf } from '../census/idle-server-connections.ts';
import {
  className,
  listenersOf,
  listenersOfChannel,
  listenersOfTarget,
  type Listeners,
} from '../base/listeners.ts';
import { describeSocket } from '../census/live-sockets.ts';
import { isIdleUndici, pooledSockets } from '../census/pooled-sockets.ts';
import type { Locator } from '../census/locate.ts';
import { isStandardStream } from '../not-leaks.ts';
import type { Position } from '../../protocol.ts';
import { positionText } from '../base/stacks.ts';

const LOCATED = 200;
const NONE: ReadonlyMap<string | symbol, number> = new Map();

export async function findListeners(census: Census, baseline: Baseline, locator: Locator): Promise<Found[]> {
  const found: Found[] = [];
  const pooled = new Set([...pooledSockets(census), ...idleSessions(census)]);
  for (const emitter of census.emitters) {
    const listeners = await lasting(emitter, listenersOf(emitter), pooled, baseline, locator);
    found.push(...(await growthOn(emitter, listeners, baseline, locator)));
  }
  for (const target of census.targets) {
    if (!baseline.listeners.has(target)) continue;
    found.push(...(await growthOn(target, listenersOfTarget(target), baseline, locator)));
  }
  for (const one of census.channels) {
    if (!baseline.listeners.has(one)) continue;
    found.push(...(await growthOn(one, listenersOfChannel(one), baseline, locator)));
  }
  return found;
}

/**
 * Listeners of an emitter that may be a leak: all of them if the baseline knows the emitter. A younger one must outlive its requests: as a socket in the pool of
 * an agent, where each listener of the program counts; or as a connection of undici, one that waits for its next request, or an idle session of HTTP/2, where the
 * first listener of a line belongs to the connection, and more of the same line count.
 */
async function lasting(
  emitter: EventEmitter,
  listeners: Listeners,
  pooled: ReadonlySet<unknown>,
  baseline: Baseline,
  locator: Locator,
): Promise<Listeners> {
  if (baseline.listeners.has(emitter)) return listeners;
  const kept: Listeners = new Map();
  const isIdle =
    emitter instanceof net.Socket
      ? idleTimeoutOf(emitter) !== undefined || isIdleUndici(emitter)
      : className(emitter) === 'ClientHttp2Session' && pooled.has(emitter);
  if (!pooled.has(emitter) && !isIdle) return kept;
  for (const [event, registered] of listeners) {
    const lines = new Set<string>();
    const more: unknown[] = [];
    for (const listener of registered) {
      const position = await locator.position(listener);
      if (!position?.user) continue;
      if (!isIdle || lines.has(positionText(position))) more.push(listener);
      lines.add(positionText(position));
    }
    if (more.length > 0) kept.set(event, more);
  }
  return kept;
}

/** Added listeners of one line on one emitter, with their events. */
type Fresh = {
  events: (string | symbol)[];
  listeners: unknown[];
  where: Position[];
  all: number;
  /** whether the event is new since the baseline, as events named after connections are */
  isNew: boolean;
};

async function growthOn(
  emitter: object,
  listeners: Listeners,
  baseline: Baseline,
  locator: Locator,
): Promise<Found[]> {
  const before = baseline.listeners.get(emitter) ?? NONE;
  const byLines = new Map<string | symbol, Fresh>();
  for (const [event, registered] of listeners) {
    const growth = registered.length - (before.get(event) ?? 0);
    if (growth <= 0) continue;
    const fresh = registered.slice(-growth);
    const where = await locator.userPositions(fresh.slice(0, LOCATED));
    if (where.length === 0 && isStandardStream(emitter)) continue;
    // a new event name for each connection: only the line repeats
    const isNew = where.length > 0 && !before.has(event);
    const key = isNew ? where.map(positionText).join(' ') : event;
    const known = byLines.get(key);
    if (known === undefined)
      byLines.set(key, { events: [event], listeners: fresh, where, all: registered.length, isNew });
    else {
      known.events.push(event);
      known.listeners.push(...fresh);
      known.all += registered.length;
    }
  }
  return Promise.all([...byLines.values()].map((fresh) => describe(emitter, fresh, locator)));
}

async function describe(
  emitter: object,
  { events, listeners, where, all, isNew }: Fresh,
  locator: Locator,
): Promise<Found> {
  const [event = ''] = events;
  const on = `${className(emitter)} '${String(event)}'`;
  const inside = where.length > 0 ? '' : await internalName(listeners[0], locator);
  const others = events.length > 1 ? ` and ${events.length - 1} more events` : '';
  const socket = emitter instanceof net.Socket ? `; ${describeSocket(emitter)}` : '';
  return {
    suspect: {
      resource: 'listener',
      fingerprint: suspectFingerprint('listener', isNew ? className(emitter) : `${on}${inside}`, where),
      count: listeners.length,
      rule: 'growth',
      where,
      sample: `${on}${others}: ${all} listeners, ${listeners.length} more than at the baseline${inside}${socket}`,
    },
    causes: listeners.filter((one) => typeof one === 'function'),
    grew: [emitter],
  };
}

/** Name of a listener of Node's own, added by `events.once`, `stream.finished` or the like. */
async function internalName(listener: unknown, locator: Locator): Promise<string> {
  const position = await locator.position(listener);
  return position ? `, ${position.name ?? 'a function'} of ${position.file}` : '';
}
