/**
 * Records what is created after the baseline, so that a report can skip the heap walk: the program's sockets, weakly, and a count of
 * things that only a heap walk can judge. See `quick-look.ts`.
 */
import type fs from 'node:fs';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
import { replace, type Method } from '../base/hook.ts';
import { hostModule, hostProcess } from '../base/built-ins.ts';
import type { Inspection } from '../base/inspection.ts';
import { isOwn } from '../base/own.ts';

/** not WeakRefs: V8's collections of young objects treat them as strong references, and each socket would be promoted */
const sockets = new WeakSet<object>();
/** TLS sockets by the sockets beneath them, which keep them anyway: Node has each listen for the end of the other */
const secured = new WeakMap<object, object>();
let unseen = 0;
let complete = true;

/** Starts recording. Called once, before the program. The hooks of `origins.ts` report connects, listens and spawns. */
export function followActivity(): void {
  hook(net.Socket.prototype, '_destroy', noteSocket);
  const files = hostModule('node:fs') as typeof fs;
  for (const name of ['watch', 'watchFile']) hook(files, name, noteUnseen);
  hook(files.promises, 'watch', noteUnseen);
  // native code may keep handles of any kind
  hook(hostProcess, 'dlopen', noteIncomplete);
  syncBuiltinESMExports();
}

/** Records something that neither descriptors nor {@link notedSockets} show: a server, a watcher, a child process, a thread. */
export function noteUnseen(): void {
  unseen++;
}

/** Records that from here on only a heap walk can tell what there is. */
export function noteIncomplete(): void {
  complete = false;
}

/** Number of unseen things so far; undefined if even that is unknown. */
export function countUnseen(): number | undefined {
  return complete ? unseen : undefined;
}

/** Number of ports of threads and channels that keep the process alive. */
export function countPorts(): number {
  return process.getActiveResourcesInfo().filter((type) => type === 'MessagePort').length;
}

/** Records a socket that connects, wraps another one or is destroyed. Until then an accepted socket is found by its handle. */
export function noteSocket(socket: object): void {
  if (!isOwn(socket)) sockets.add(socket);
}

/** Records a socket that speaks TLS over another one. */
export function noteTls(beneath: object, socket: object): void {
  secured.set(beneath, socket);
}

/** The TLS socket over a socket, or else that socket itself. */
export function aboveOf<T extends object>(socket: T): T {
  return (secured.get(socket) as T | undefined) ?? socket;
}

/** Recorded sockets that garbage collection has left. */
export function notedSockets(inspection: Inspection): object[] {
  return inspection.membersOf(sockets);
}

function hook(on: object, name: string, note: (self: object, given: unknown[]) => void): void {
  const isThere = replace(on, name, (method): Method => {
    return function followed(this: unknown, ...given) {
      if (typeof this === 'object' && this !== null) note(this, given);
      else note(on, given);
      return Reflect.apply(method, this, given);
    };
  });
  if (!isThere) noteIncomplete();
}
