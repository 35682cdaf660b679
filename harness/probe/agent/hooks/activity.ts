/**
 * What the program does meanwhile, so that nothing need be looked for in the whole heap where nothing can be: its sockets, weakly, and a
 * count of what only a heap walk can judge. See `quick-look.ts`.
 */
import type fs from 'node:fs';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
import { replace, type Method } from '../base/hook.ts';
import { hostModule, hostProcess } from '../base/built-ins.ts';
import type { Inspection } from '../base/inspection.ts';
import { isOwn } from '../base/own.ts';

/** No WeakRefs: V8's collections of young objects take them for strong references, and each socket would grow old. */
const sockets = new WeakSet<object>();
let unseen = 0;
let complete = true;

/** Starts to follow. Called once, before the program. What connects, listens or is spawned is noted by the hooks of `origins.ts`. */
export function followTrail(): void {
  hook(net.Socket.prototype, '_destroy', noteSocket);
  const files = hostModule('node:fs') as typeof fs;
  for (const name of ['watch', 'watchFile']) hook(files, name, noteUnseen);
  hook(files.promises, 'watch', noteUnseen);
  // native code may keep handles of any kind
  hook(hostProcess, 'dlopen', noteIncomplete);
  syncBuiltinESMExports();
}

/** Something was begun that neither descriptors nor {@link notedSockets} show: a server, a watcher, a child process, a thread. */
export function noteUnseen(): void {
  unseen++;
}

/** From here on nobody can say what there is without a heap walk. */
export function noteIncomplete(): void {
  complete = false;
}

/** How often so far. Undefined when even that cannot be said. */
export function countUnseen(): number | undefined {
  return complete ? unseen : undefined;
}

/** Ports of threads and of channels that keep the process alive. */
export function countPorts(): number {
  return process.getActiveResourcesInfo().filter((type) => type === 'MessagePort').length;
}

/** A socket that connects, wraps another one or is destroyed. One that was accepted is found by its handle until then. */
export function noteSocket(socket: object): void {
  if (!isOwn(socket)) sockets.add(socket);
}

/** Those noted that garbage collection has left. */
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
