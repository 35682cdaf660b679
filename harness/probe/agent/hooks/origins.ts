/**
 * Records where a socket connected, a server listened, a file was opened, a child process or worker was started, a datagram socket was
 * bound: one unformatted stack each. Together with those of `activity.ts` the only hooks that are on during traffic.
 */
import childProcess, { type ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import type nodeFs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import type nodeThreads from 'node:worker_threads';
import { followFileHandles, readHandleStacks } from './file-handles.ts';
import { put, replace } from '../base/hook.ts';
import { copyOf, hostGlobal, hostModule } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';
import type { Position } from '../../protocol.ts';
import { StackBudget } from '../base/stack-budget.ts';
import { capture, positionsOf, type Captured } from '../base/stacks.ts';
import { followServerSessions } from './http2-sessions.ts';
import { keepOnStreams } from './http2-streams.ts';
import { noteChild, noteThread } from './started.ts';
import { noteIncomplete, noteSocket, noteTls, noteUnseen } from './activity.ts';

const fs = hostModule('node:fs') as typeof nodeFs;
const workerThreads = hostModule('node:worker_threads') as typeof nodeThreads;

const connects = new StackBudget();

const taken = new WeakMap<object, Captured>();
const read = new WeakMap<object, Position[]>();
/** Stack that created the file stream which is opening its file now. */
let madeStream: Captured | undefined;
const files = keepOut(new Map<number, Captured | Position[]>());

type FetchCall = { stack: Captured; where?: Position[] };
let lastFetch: FetchCall | undefined;
/** Calls of `fetch` that wait for a connection: they give a socket its line if its own stack has none. */
const fetches = new WeakMap<object, FetchCall>();

/** Starts recording stacks. Called once, before the program. */
export function keepOrigins(): void {
  keepOn(net.Socket.prototype, 'connect', noteSocket, () => connects.isWanted());
  // workers of `cluster` listen without a descriptor of their own
  keepOn(net.Server.prototype, 'listen', noteUnseen);
  keepOn(dgram.Socket.prototype, 'bind');
  keepOnChildren();
  keepOnFetch();
  keepOnTls();
  keepOnThreads();
  keepOnStreams(keepStack);
  followServerSessions();
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

/** Whether any of the program's connections lacks its line because there were too many. */
export function wereStacksLeftOut(): boolean {
  return connects.leftOut;
}

/** Records a stack for {@link originOf}. */
export function keepStack(object: object, stack: Captured): void {
  taken.set(object, stack);
}

/**
 * Line where a socket connected, a server listened, or a process or worker was started. Empty for accepted sockets, and for
 * connections whose stack was skipped because there were many.
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

/** Line where a descriptor was opened through `node:fs`. */
export function originOfFile(fd: number): Position[] {
  const kept = files.get(fd);
  if (!kept) return [];
  if (Array.isArray(kept)) return kept;
  const positions = positionsOf(kept);
  files.set(fd, positions);
  return positions;
}

/** Reads the stacks of files before garbage is collected: an unread stack keeps objects alive. */
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

/** Records the origin of a child's pipes with the child: one may stay after the child has exited. */
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

/** Records the caller of the built-in `fetch`, which connects on a later turn, when the program's lines have left the stack. */
function keepOnFetch(): void {
  replace(hostGlobal, 'fetch', (fetch) => {
    return function replaced(this: unknown, ...given) {
      lastFetch = keepOut({ stack: capture(replaced) });
      return Reflect.apply(fetch, this, given);
    };
  });
}

/** A TLSSocket over a net.Socket inherits its origin; over a stream of the program, which has none, the stack is taken here. */
function keepOnTls(): void {
  const isThere = replace(tls.TLSSocket.prototype, '_init', (init) => {
    return function replaced(this: unknown, ...given) {
      const [beneath, wrap] = given;
      noteSocket(this as object);
      if (wrap && wrap === beneath) noteTls(beneath, this as object);
      else if (wrap) {
        taken.set(this as object, capture(replaced));
        noteUnseen();
      }
      return Reflect.apply(init, this, given);
    };
  });
  if (!isThere) noteIncomplete();
}

/** Records the creator of a file stream, which opens its file on a later turn, when the program's lines have left the stack. */
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

/** Hooks the class itself: its constructor calls no method that could be hooked. */
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
  put(workerThreads, 'Worker', was, hooked);
}
