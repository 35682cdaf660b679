/**
 * With those of `trail.ts` the only hooks that stay on while traffic flows: where a socket connected, a server listened, a file was
 * opened, a child process or worker was started, a datagram socket was bound. One unformatted stack each.
 */
import childProcess, { type ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import type nodeFs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import type nodeThreads from 'node:worker_threads';
import { followFileHandles, readHandleStacks } from './file-handles.ts';
import { replace } from '../base/hook.ts';
import { copyOf, hostGlobal, hostModule } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';
import type { Position } from '../../protocol.ts';
import { StackBudget } from '../base/stack-budget.ts';
import { capture, positionsOf, type Captured } from '../base/stacks.ts';
import { noteChild, noteThread } from './started.ts';
import { noteIncomplete, noteSocket, noteUnseen } from './activity.ts';

const fs = hostModule('node:fs') as typeof nodeFs;
const workerThreads = hostModule('node:worker_threads') as typeof nodeThreads;

const connects = new StackBudget();

const taken = new WeakMap<object, Captured>();
const read = new WeakMap<object, Position[]>();
/** Where the file stream was made that opens its file now. */
let madeStream: Captured | undefined;
const files = keepOut(new Map<number, Captured | Position[]>());

type FetchCall = { stack: Captured; where?: Position[] };
let lastFetch: FetchCall | undefined;
/** Calls of `fetch` before a socket connected: they tell its line where its own stack has none. */
const fetches = new WeakMap<object, FetchCall>();

/** Starts keeping stacks. Called once, before the program. */
export function keepOrigins(): void {
  keepOn(net.Socket.prototype, 'connect', noteSocket, () => connects.isWanted());
  // the cluster's workers listen without a descriptor of their own
  keepOn(net.Server.prototype, 'listen', noteUnseen);
  keepOn(dgram.Socket.prototype, 'bind');
  keepOnChildren();
  keepOnFetch();
  keepOnTls();
  keepOnThreads();
  replace(fs, 'openSync', (openSync) => {
    return function replaced(this: unknown, ...given) {
      const fd = Reflect.apply(openSync, this, given);
      if (typeof fd === 'number') files.set(fd, capture(replaced));
      return fd;
    };
  });
  replace(fs, 'open', (open) => {
    return function replaced(this: unknown, ...given) {
      const stack = madeStream ?? capture(replaced);
      const done = given.at(-1);
      if (typeof done === 'function') {
        given[given.length - 1] = function opened(this: unknown, ...result: unknown[]) {
          if (typeof result[1] === 'number') files.set(result[1], stack);
          return Reflect.apply(done, this, result);
        };
      }
      return Reflect.apply(open, this, given);
    };
  });
  followFileHandles((fd, stack) => {
    files.set(fd, stack);
  });
  keepOnFileStreams();
  for (const name of ['close', 'closeSync'] as const) {
    replace(fs, name, (close) => {
      return function replaced(this: unknown, ...given) {
        if (typeof given[0] === 'number') files.delete(given[0]);
        return Reflect.apply(close, this, given);
      };
    });
  }
  syncBuiltinESMExports();
}

/** Whether any connection of the program's is without its line because there were so many. */
export function wereStacksLeftOut(): boolean {
  return connects.leftOut;
}

/** For {@link originOf}. */
export function keepStack(object: object, stack: Captured): void {
  taken.set(object, stack);
}

/**
 * Where this socket connected, this server listened, this process or worker was started. Empty for what was accepted, and
 * for one of very many connections.
 */
export function originOf(object: object): Position[] {
  const known = read.get(object);
  if (known) return known;
  const stack = taken.get(object);
  if (!stack) return [];
  const own = positionsOf(stack);
  const fetched = own.length === 0 ? fetches.get(object) : undefined;
  const positions = fetched ? positionsOfFetch(fetched) : own;
  taken.delete(object);
  fetches.delete(object);
  read.set(object, positions);
  return positions;
}

function positionsOfFetch(call: FetchCall): Position[] {
  call.where ??= positionsOf(call.stack);
  return call.where;
}

/** Where this descriptor was opened, if through `node:fs`. */
export function originOfFile(fd: number): Position[] {
  const kept = files.get(fd);
  if (!kept) return [];
  if (Array.isArray(kept)) return kept;
  const positions = positionsOf(kept);
  files.set(fd, positions);
  return positions;
}

/** An unread stack keeps what was on it alive: read those of files before garbage is collected. */
export function readFileStacks(): void {
  readHandleStacks();
  if (lastFetch) positionsOfFetch(lastFetch);
  for (const fd of files.keys()) originOfFile(fd);
}

function keepOn(
  prototype: object,
  name: string,
  note?: (self: object, given: readonly unknown[]) => void,
  isWanted = (): boolean => true,
): void {
  const isThere = replace(prototype, name, (method) => {
    return function replaced(this: unknown, ...given) {
      if (typeof this === 'object' && this !== null) {
        if (isWanted() && !read.has(this)) {
          taken.set(this, capture(replaced));
          if (lastFetch) fetches.set(this, lastFetch);
        }
        note?.(this, given);
      }
      return Reflect.apply(method, this, given);
    };
  });
  if (!isThere) noteIncomplete();
}

/** The pipes of a child were made where it was: one may stay when the child has exited. */
function keepOnChildren(): void {
  const isThere = replace(childProcess.ChildProcess.prototype, 'spawn', (spawn) => {
    return function replaced(this: unknown, ...given) {
      const child = this as ChildProcess;
      const stack = capture(replaced);
      taken.set(child, stack);
      noteUnseen();
      noteChild(child);
      const spawned = Reflect.apply(spawn, child, given);
      for (const pipe of copyOf(child.stdio ?? [])) if (pipe) taken.set(pipe, stack);
      return spawned;
    };
  });
  if (!isThere) noteIncomplete();
}

/** The built-in `fetch` connects on a later turn, when the program's lines are off the stack: its last caller is who asked for the connection. */
function keepOnFetch(): void {
  replace(hostGlobal, 'fetch', (fetch) => {
    return function replaced(this: unknown, ...given) {
      lastFetch = keepOut({ stack: capture(replaced) });
      return Reflect.apply(fetch, this, given);
    };
  });
}

/** One that wraps a socket comes from where that does; one over a stream of the program's own has neither that nor a descriptor. */
function keepOnTls(): void {
  const isThere = replace(tls.TLSSocket.prototype, '_init', (init) => {
    return function replaced(this: unknown, ...given) {
      const [beneath, wrap] = given;
      noteSocket(this as object);
      if (wrap && wrap !== beneath) {
        taken.set(this as object, capture(replaced));
        noteUnseen();
      }
      return Reflect.apply(init, this, given);
    };
  });
  if (!isThere) noteIncomplete();
}

/** They open their file on a later turn, when the program's lines are off the stack. */
function keepOnFileStreams(): void {
  for (const name of ['createReadStream', 'createWriteStream']) {
    replace(fs, name, (create) => {
      return function replaced(this: unknown, ...given) {
        const stream = Reflect.apply(create, this, given) as object;
        taken.set(stream, capture(replaced));
        return stream;
      };
    });
  }
  for (const { prototype } of [fs.ReadStream, fs.WriteStream]) {
    replace(prototype, '_construct', (construct) => {
      return function replaced(this: unknown, ...given) {
        madeStream = taken.get(this as object);
        try {
          return Reflect.apply(construct, this, given);
        } finally {
          madeStream = undefined;
        }
      };
    });
  }
}

/** A class whose constructor hands over to no method that could be hooked. */
function keepOnThreads(): void {
  const was = Object.getOwnPropertyDescriptor(workerThreads, 'Worker');
  if (!was || typeof was.value !== 'function' || !was.configurable) return;
  const construct: ProxyHandler<object>['construct'] = function constructed(original, given, newTarget) {
    const made = Reflect.construct(original as new () => nodeThreads.Worker, given, newTarget);
    taken.set(made, capture(constructed));
    noteUnseen();
    noteThread(made, given);
    return made;
  };
  const hooked = new Proxy(was.value as object, { construct });
  Object.defineProperty(workerThreads, 'Worker', { ...was, value: hooked });
}
