/**
 * Record of what a program leaves behind at its end, when nothing can be waited for any more: one file in a folder.
 */
import { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';

import { hostProcess } from './base/built-ins.ts';
import { leaveOutDescriptor } from './base/descriptors.ts';
import { replace } from './base/hook.ts';
import { Inspection } from './base/inspection.ts';
import { keepOut } from './base/own.ts';
import { className } from './base/listeners.ts';
import { capture, pathOf, positionsOf } from './base/stacks.ts';
import { isReferenced } from './alive.ts';
import { takeCensus, type TimerLike } from './census/census.ts';
import { acceptingListeners, listLive, type Live } from './census/live.ts';
import { acceptedBy, describeSocket, originOfSocket, portOf } from './census/live-sockets.ts';
import { Locator } from './census/locate.ts';
import { followActivity } from './hooks/activity.ts';
import { keepOrigins, originOf } from './hooks/origins.ts';
import { followPromisedTimers, readTimerStacks } from './hooks/promised-timers.ts';
import { followWarnings, warningsSeen } from './hooks/warnings.ts';
import type { EndOfProgram, LeftAtEnd, Position } from '../protocol.ts';

/** Most things of one kind and line that are described. */
const SAMPLED = 8;
const LINES = 6;
/** Looks at a worker that has stopped, and the time between two, ms: a second in all, as other checks give. */
const LOOKS = 21;
const PAUSE = 50;
/** Handles, by the names that Node gives them, which the runner's worker itself has none of. */
const OPEN: ReadonlySet<string> = new Set(['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'ProcessWrap']);

const realTimeout = setTimeout;

let how: EndOfProgram['how'] = 'end';
let by: Position[] = [];
let isWritten = false;

/** Records the start of this program, and its end. Called once, before the program. */
export function recordEnd(folder: string): void {
  leaveOutDescriptor(() => undefined);
  followActivity();
  keepOrigins();
  followPromisedTimers();
  followWarnings();
  const name = `${process.pid}-${threadId}-${process.hrtime.bigint()}`;
  const { argv, ppid } = hostProcess;
  const start = { pid: process.pid, thread: threadId, parent: ppid, argv: [...argv], cwd: hostProcess.cwd() };
  const write = (file: string, value: object): void => {
    try {
      writeFileSync(path.join(folder, `${name}.${file}`), JSON.stringify(value));
    } catch {
      // the folder is gone: whoever wanted to know has gone before this program
    }
  };
  write('start', start);
  const end = (code: unknown): void => {
    if (isWritten) return;
    isWritten = true;
    const exitCode = Number(code ?? hostProcess.exitCode ?? 0);
    write('end', { ...start, how, by, exitCode, ...lookNow(), warnings: warningsSeen() });
  };
  followExit();
  followRunner(() => end(0));
  // after the program's own listeners, which clean up
  // oxlint-disable-next-line typescript/unbound-method -- called with Reflect.apply
  const { emit } = hostProcess;
  const emitting = function (this: unknown, ...given: unknown[]): unknown {
    if (given[0] === 'uncaughtExceptionMonitor' && !isCaught()) how = 'error';
    if (given[0] !== 'exit') return Reflect.apply(emit, this, given);
    try {
      return Reflect.apply(emit, this, given);
    } finally {
      end(given[1]);
    }
  };
  Object.defineProperty(hostProcess, 'emit', {
    configurable: true,
    writable: true,
    enumerable: false,
    value: emitting,
  });
  // a listener of `exit` that exits itself
  replace(hostProcess, 'reallyExit', (exit) => {
    return function replaced(this: unknown, ...given) {
      end(given[0]);
      return Reflect.apply(exit, this, given);
    };
  });
}

/** Looks before a worker of vitest tells that it has stopped: it is killed then, before any listener could run. Its word waits for what is about to end. */
function followRunner(end: () => void): void {
  replace(hostProcess, 'send', (send) => {
    return function replaced(this: unknown, ...given) {
      const { type, __vitest_worker_response__: isVitest } = (given[0] ?? {}) as Record<string, unknown>;
      if (isVitest === true && type === 'stopped') {
        how = 'runner';
        onceSettled(() => {
          end();
          Reflect.apply(send, this, given);
        });
        return true;
      }
      return Reflect.apply(send, this, given);
    };
  });
}

/** Calls `then` once no connection, server or child keeps the program alive, or after all looks, which cost no heap walk. */
function onceSettled(then: () => void, looks = LOOKS): void {
  const isOpen = process.getActiveResourcesInfo().some((type) => OPEN.has(type));
  if (isOpen && looks > 1) keepOut(realTimeout(() => onceSettled(then, looks - 1), PAUSE));
  else then();
}

/** Whether the program has a handler of last resort, as test runners do. */
function isCaught(): boolean {
  return (
    hostProcess.listenerCount('uncaughtException') > 0 || hostProcess.hasUncaughtExceptionCaptureCallback()
  );
}

/** Records who calls `process.exit`. */
function followExit(): void {
  replace(hostProcess, 'exit', (exit) => {
    return function replaced(this: unknown, ...given) {
      if (how === 'end') {
        how = 'exit';
        by = positionsOf(capture(replaced));
      }
      return Reflect.apply(exit, this, given);
    };
  });
}

/** Everything that is open, by kind and line. */
function lookNow(): Pick<EndOfProgram, 'left' | 'maps' | 'blind'> {
  const inspection = new Inspection();
  try {
    inspection.urlsNow();
    readTimerStacks();
    const locator = new Locator(inspection);
    const groups = new Map<string, Live[]>();
    for (const live of listLive(takeCensus(inspection), locator)) {
      const key = `${live.key} ${isReferenced(live)}`;
      groups.set(key, [...(groups.get(key) ?? []), live]);
    }
    const left = [...groups.values()].flatMap((group) => describe(group, locator));
    const files = new Set(left.flatMap(({ where }) => where.map(({ file }) => file)));
    const maps = [...inspection.sourceMapsNow()].map(([url, map]) => [pathOf(url), map] as const);
    return { left, maps: Object.fromEntries(maps.filter(([file]) => files.has(file))) };
  } catch (error) {
    return { left: [], blind: String(error) };
  } finally {
    inspection.close();
  }
}

function describe(group: readonly Live[], locator: Locator): LeftAtEnd[] {
  const [first] = group;
  // an immediate runs in the next turn, which there is none of
  if (first === undefined || first.resource === 'immediate') return [];
  const where = distinct(group.slice(0, SAMPLED).flatMap((one) => linesOf(one, locator))).slice(0, LINES);
  const pids = group.flatMap(({ object }) =>
    object instanceof ChildProcess && object.pid ? [object.pid] : [],
  );
  const { resource } = first;
  return [
    {
      resource: resource === 'handle' ? kindOf(first.object) : resource,
      count: group.length,
      where,
      sample: sampleOf(first),
      keepsAlive: isReferenced(first),
      ...(resource === 'socket' && (first.pooled || first.endsWithin !== undefined || isEnding(first.object))
        ? { ends: true }
        : {}),
      ...(resource === 'timer' && !first.object._repeat ? { firesIn: firesIn(group) } : {}),
      ...(pids.length === 0 ? {} : { pids }),
    },
  ];
}

function kindOf(handle: object): 'child' | 'worker' | 'handle' {
  if (handle instanceof ChildProcess) return 'child';
  return 'threadId' in handle ? 'worker' : 'handle';
}

function linesOf(live: Live, locator: Locator): Position[] {
  switch (live.resource) {
    case 'socket': {
      const server = acceptedBy(live.object);
      return server ? locator.userPositionsNow(acceptingListeners(server)) : originOfSocket(live.object);
    }
    case 'server':
      return [...originOf(live.object), ...locator.userPositionsNow(acceptingListeners(live.object))];
    case 'timer':
    case 'immediate':
      return [...locator.userPositionsNow([live.callback]), ...originOf(live.object)];
    default:
      return originOf(live.object);
  }
}

function sampleOf(live: Live): string {
  switch (live.resource) {
    case 'socket':
      return describeSocket(live.object);
    case 'server':
      return `${className(live.object)} listening${portOf(live.object)}`;
    case 'timer':
      return `${live.object._repeat ? 'interval' : 'time-out'} of ${Math.round(live.period)} ms`;
    case 'handle': {
      const {
        pid,
        threadId: thread,
        spawnfile,
      } = live.object as { pid?: number; threadId?: number; spawnfile?: string };
      if (typeof pid === 'number') return `child process ${spawnfile ?? ''} with pid ${pid}`;
      return typeof thread === 'number' ? `worker thread ${thread}` : `open ${className(live.object)}`;
    }
    default:
      return live.resource;
  }
}

/** Whether the program has ended its side: the rest takes a moment that it does not have. */
function isEnding(socket: { writableEnded: boolean }): boolean {
  return socket.writableEnded;
}

/** Longest time until a time-out fires, ms. */
function firesIn(group: readonly Live[]): number {
  const now = performance.now();
  const times = group.map(({ object }) => {
    const { _idleStart, _idleTimeout } = object as TimerLike;
    return _idleStart + _idleTimeout - now;
  });
  return Math.round(Math.max(...times));
}

function distinct(positions: readonly Position[]): Position[] {
  return [...new Map(positions.map((one) => [`${one.file}:${one.line}:${one.column}`, one])).values()];
}
