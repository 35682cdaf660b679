/**
 * Lists what keeps the event loop of this process alive, in words, with positions.
 */
import { describeStream } from './census/http2.ts';
import net from 'node:net';
import { isTimer, keepsAlive, takeCensus, type TimerLike } from './census/census.ts';
import { hostGlobal } from './base/built-ins.ts';
import { Inspection } from './base/inspection.ts';
import { className, listenersOf } from './base/listeners.ts';
import { linesOfServer, listLive, type Live } from './census/live.ts';
import { acceptedBy, describeSocket, originOfSocket, portOf } from './census/live-sockets.ts';
import { Locator } from './census/locate.ts';
import { originOf } from './hooks/origins.ts';
import type { Alive } from '../protocol.ts';
import { insideOf } from './base/socket-inside.ts';
import { EventEmitter } from 'node:events';

/** Key under which `why.ts`, if preloaded, leaves its function that makes the text. */
export const WHY = Symbol.for('lastfin.why');

export async function listAlive(): Promise<{ alive: Alive[]; why?: string }> {
  const inspection = new Inspection();
  try {
    const locator = new Locator(inspection);
    const alive: Alive[] = [];
    for (const live of listLive(takeCensus(inspection), locator)) {
      if (isReferenced(live)) alive.push(await describe(live, locator));
    }
    const why: unknown = Reflect.get(hostGlobal, WHY);
    return typeof why === 'function'
      ? { alive, why: Reflect.apply(why, undefined, []) as string }
      : { alive };
  } finally {
    inspection.close();
  }
}

/** Whether a live thing keeps the process alive. */
export function isReferenced({ object }: Live): boolean {
  if (object instanceof net.Socket) {
    const handle = insideOf(object)._handle;
    return object.connecting || (handle?.hasRef?.() ?? false);
  }
  if (object instanceof net.Server) {
    const handle = (object as unknown as { _handle?: { hasRef?(): boolean } | null })._handle;
    return handle?.hasRef?.() ?? false;
  }
  if ('hasRef' in object && typeof object.hasRef === 'function')
    return isTimer(object) ? keepsAlive(object) : (object as TimerLike).hasRef();
  const handle = Object.getOwnPropertyDescriptor(object, '_handle')?.value as
    | { hasRef?(): boolean }
    | undefined;
  return handle?.hasRef?.() ?? true;
}

async function describe(live: Live, locator: Locator): Promise<Alive> {
  switch (live.resource) {
    case 'socket': {
      const listeners = await locator.userPositions([...listenersOf(live.object).values()].flat());
      // an accepted socket that only Node listens to has the lines of its server
      const server = acceptedBy(live.object);
      const handlers = server === undefined ? [] : await linesOfServer(server, locator);
      return {
        what: `socket: ${describeSocket(live.object)}`,
        where: [...originOfSocket(live.object), ...listeners, ...handlers].slice(0, 6),
      };
    }
    case 'server':
      return {
        what: `server: ${className(live.object)} listening${portOf(live.object)}`,
        where: (await linesOfServer(live.object, locator)).slice(0, 6),
      };
    case 'timer': {
      const kind = live.object._repeat ? 'interval' : 'time-out';
      return {
        what: `timer: ${kind} of ${Math.round(live.period)} ms`,
        where: [...(await locator.userPositions([live.callback])), ...originOf(live.object)],
      };
    }
    case 'stream':
      return { what: `stream: ${describeStream(live.object)}`, where: originOf(live.object) };
    case 'immediate':
      return { what: 'immediate', where: await locator.userPositions([live.callback]) };
    case 'handle': {
      const listeners =
        live.object instanceof EventEmitter ? [...listenersOf(live.object).values()].flat() : [];
      return {
        what: `handle: open ${className(live.object)}`,
        where: await locator.userPositions(listeners),
      };
    }
    default:
      return live satisfies never;
  }
}
