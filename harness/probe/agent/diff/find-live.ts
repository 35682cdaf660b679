/**
 * Finds sockets, servers, timers, immediates and handles beyond those of the baseline.
 */
import { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type net from 'node:net';
import type { Baseline } from './baseline.ts';
import { keepsAlive } from '../census/census.ts';
import { suspectFingerprint, type Found } from './found.ts';
import { className, listenersOf, listenersOfTarget } from '../base/listeners.ts';
import { describeStream } from '../census/http2.ts';
import { acceptingListeners, linesOfServer, type Live } from '../census/live.ts';
import {
  acceptedBy,
  describeSocket,
  direction,
  isOpen,
  originOfSocket,
  portOf,
} from '../census/live-sockets.ts';
import type { Locator } from '../census/locate.ts';
import { originOf } from '../hooks/origins.ts';
import { isTimeoutOfIdle } from '../census/pooled-sockets.ts';
import { isClockOfNode, isTimeoutOfChild, isTimerOfOwner, pipesOfChild } from '../not-leaks.ts';
import type { Position, Suspect } from '../../protocol.ts';
import { positionText } from '../base/stacks.ts';
import { surplus } from './surplus.ts';

const SAMPLED = 8;
const LINES = 6;

export async function findLive(
  live: readonly Live[],
  baseline: Baseline,
  locator: Locator,
): Promise<Found[]> {
  const found: Found[] = [];
  const lines: LinesByListener = new Map();
  for (const group of surplus(live, baseline)) {
    // some may have ended while others were described
    const remaining = group.filter((one) => one.resource !== 'socket' || isOpen(one.object));
    const [first] = remaining;
    if (!first) continue;
    const causes = remaining.map(({ object }) => object);
    const suspect = await describe(first, causes, locator, lines);
    // pipes of a child are reported with the child
    if (suspect)
      found.push({
        suspect: { ...suspect, count: causes.length },
        causes: [...causes, ...causes.flatMap(pipesOfChild)],
      });
  }
  return found;
}

type Described = Omit<Suspect, 'count'> | undefined;

/** Lines of connected sockets by listener: sockets with the same listener but without a line get theirs. */
type LinesByListener = Map<string, Position[]>;

async function describe(
  first: Live,
  objects: readonly object[],
  locator: Locator,
  lines: LinesByListener,
): Promise<Described> {
  switch (first.resource) {
    case 'socket':
      return describeSockets(first, objects as readonly net.Socket[], locator, lines);
    case 'server':
      return describeServer(first.object, locator);
    case 'stream': {
      const where = originOf(first.object);
      return {
        resource: 'stream',
        rule: 'presence',
        fingerprint: suspectFingerprint('stream', '', where),
        where: where.slice(0, LINES),
        sample: describeStream(first.object),
      };
    }
    case 'timer':
      return describeTimer(first, objects, locator);
    case 'immediate': {
      const where = await locator.userPositions([first.callback]);
      if (where.length === 0) return undefined;
      return {
        resource: 'immediate',
        // a single one may be in progress; endlessly repeated ones grow with the connections
        rule: 'growth',
        fingerprint: suspectFingerprint('immediate', '', where),
        where,
        sample: 'setImmediate that has not run, or comes again and again',
      };
    }
    case 'handle':
      return describeOpenHandle(first.object, locator);
    default:
      return first satisfies never;
  }
}

async function describeServer(server: net.Server, locator: Locator): Promise<Described> {
  const where = (await linesOfServer(server, locator)).slice(0, LINES);
  return {
    resource: 'server',
    rule: 'presence',
    fingerprint: suspectFingerprint('server', className(server), where),
    where,
    sample: `${className(server)} listening${portOf(server)}`,
  };
}

async function describeOpenHandle(handle: object, locator: Locator): Promise<Described> {
  const name = className(handle);
  const where = distinct([...originOf(handle), ...(await locator.userPositions(allListeners(handle)))]);
  const resource = kindOfHandle(handle);
  return {
    resource,
    rule: 'presence',
    fingerprint: suspectFingerprint(resource, name, where),
    where: where.slice(0, LINES),
    sample: describeHandle(handle, name),
  };
}

async function describeSockets(
  { object: socket, pooled, apart, endsWithin }: Live & { resource: 'socket' },
  sockets: readonly net.Socket[],
  locator: Locator,
  lines: LinesByListener,
): Promise<Described> {
  const listeners = await locator.userPositions(sockets.slice(0, SAMPLED).flatMap(allListeners));
  const origin = await originOfAny(socket, listeners, locator, lines);
  const bounded = pooled || endsWithin !== undefined;
  const waits = pooled ? ', idle in a pool' : `, idle: Node ends it after ${endsWithin} ms`;
  const kind = `${direction(socket)}${bounded ? ` idle${pooled ? ' in a pool' : ''}` : ''}`;
  return {
    resource: 'socket',
    // a pool may have kept more this time, up to its limit
    rule: bounded ? 'growth' : 'presence',
    fingerprint: suspectFingerprint('socket', kind, origin.length > 0 ? origin : listeners),
    where: distinct([...origin, ...listeners]).slice(0, LINES),
    sample: `${describeSocket(socket)}${bounded ? waits : ''}`,
    ...(endsWithin === undefined ? {} : { endsWithin }),
    ...(apart ? { apart } : {}),
  };
}

async function originOfAny(
  socket: net.Socket,
  listeners: readonly Position[],
  locator: Locator,
  lines: LinesByListener,
): Promise<Position[]> {
  const server = acceptedBy(socket);
  if (server) return locator.userPositions(acceptingListeners(server));
  const origin = originOfSocket(socket);
  const known = listeners.find((one) => lines.has(positionText(one)));
  if (origin.length === 0) return (known && lines.get(positionText(known))) ?? [];
  for (const listener of listeners) lines.set(positionText(listener), origin);
  return origin;
}

async function describeTimer(
  live: Live & { resource: 'timer' },
  objects: readonly object[],
  locator: Locator,
): Promise<Described> {
  const { object, callback } = live;
  const kind = object._repeat ? 'interval' : 'time-out';
  const period = `${Math.round(live.period)} ms`;
  const sample = `${kind} of ${period}${keepsAlive(object) ? '' : ', unref'}`;
  const once = object._repeat ? {} : { firesAfter: Math.round(live.period) };
  const { boundThis } = locator.callback(callback);
  const position = await locator.position(callback);
  if (position?.user) {
    const { user: _, ...where } = position;
    return {
      resource: 'timer',
      // a pool may have kept more connections this time, up to its limit
      rule: objects.every(isTimeoutOfIdle) ? 'growth' : 'presence',
      fingerprint: suspectFingerprint('timer', kind, [where]),
      where: [where],
      sample,
      ...once,
    };
  }
  if (
    isTimeoutOfChild(position?.name) ||
    isTimerOfOwner(boundThis, object._timerArgs) ||
    isClockOfNode(position?.file, objects.length)
  )
    return undefined;
  const by = position
    ? `of ${position.file}${position.name ? ` ${position.name}` : ''}`
    : 'that settles a promise';
  return {
    resource: 'timer',
    rule: 'growth',
    // no line: some may have been set without a captured stack
    fingerprint: suspectFingerprint('timer', `${by} ${period}`, []),
    where: distinct(objects.slice(-SAMPLED).flatMap(originOf)).slice(0, LINES),
    sample: `${sample}, ${by}`,
    ...once,
  };
}

function kindOfHandle(handle: object): 'child' | 'worker' | 'handle' {
  if (handle instanceof ChildProcess) return 'child';
  return 'threadId' in handle ? 'worker' : 'handle';
}

function describeHandle(handle: object, name: string): string {
  const { pid, threadId, spawnfile } = handle as { pid?: number; threadId?: number; spawnfile?: string };
  if (typeof pid === 'number') return `child process ${spawnfile ?? ''} with pid ${pid}`;
  if (typeof threadId === 'number') return `worker thread ${threadId}`;
  return `open ${name}`;
}

function allListeners(emitter: object): unknown[] {
  if (emitter instanceof EventEmitter) return [...listenersOf(emitter).values()].flat();
  return emitter instanceof EventTarget ? [...listenersOfTarget(emitter).values()].flat() : [];
}

function distinct(positions: readonly Position[]): Position[] {
  return [...new Map(positions.map((one) => [`${one.file}:${one.line}:${one.column}`, one])).values()];
}
