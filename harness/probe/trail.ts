/**
 * What the program does meanwhile, so that nothing need be looked for in the whole heap where nothing can be: its sockets, weakly, and a
 * count of what only a heap walk can judge. See `quick-look.ts`.
 */
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { syncBuiltinESMExports } from 'node:module';
import { replace, type Method } from './hook.ts';
import type { Inspection } from './inspection.ts';
import { isOwn } from './own.ts';
import { hasDescriptor } from './socket-inside.ts';
import { WeakList } from './weak-list.ts';

const looksUp = new WeakList<net.Socket>();
/** No WeakRef: V8's collections of young objects take it for a strong reference, and each socket would grow old. */
const destroyed = new WeakSet<object>();
let unseen = 0;
let complete = true;

/** Starts to follow. Called once, before the program. What connects, listens or is spawned is noted by the hooks of `origins.ts`. */
export function followTrail(): void {
  hook(net.Socket.prototype, '_destroy', markDestroyed);
  // its own stream beneath it, and no descriptor
  hook(tls.TLSSocket.prototype, '_init', (_, [socket, wrap]) => {
    if (wrap && wrap !== socket) noteUnseen();
  });
  for (const name of ['watch', 'watchFile']) hook(fs, name, noteUnseen);
  hook(fs.promises, 'watch', noteUnseen);
  // native code may keep handles of any kind
  hook(process, 'dlopen', noteIncomplete);
  syncBuiltinESMExports();
}

/** Something was begun that neither descriptors nor {@link socketsLeft} show: a server, a watcher, a child process, a thread. */
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

/** How many destroyed sockets garbage collection has left. */
export function countDestroyed(inspection: Inspection): number {
  return inspection.membersOf(destroyed).length;
}

/** Those that began to connect by a name that is still looked up: they have no descriptor yet. */
export function socketsWithoutDescriptor(): net.Socket[] {
  return looksUp.alive().filter((socket) => !hasDescriptor(socket));
}

/** A socket begins to connect with these arguments. To an address it has a descriptor at once. */
export function noteConnect(socket: object, given: readonly unknown[]): void {
  if (net.isIP(hostOf(given)) === 0 && socket instanceof net.Socket && !isOwn(socket)) looksUp.add(socket);
}

/** Of `connect(port, host)`, `connect({ host })` and of what net.connect makes of these. */
function hostOf([first, second]: readonly unknown[]): string {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  const host =
    typeof options === 'object' && options !== null ? (options as { host?: unknown }).host : second;
  return typeof host === 'string' ? host : '';
}

function markDestroyed(socket: object): void {
  if (!isOwn(socket)) destroyed.add(socket);
}

function hook(on: object, name: string, note: (self: object, given: unknown[]) => void): void {
  const isThere = replace(on, name, (method): Method => {
    return function followed(this: unknown, ...given) {
      if (typeof this === 'object' && this !== null) note(this, given);
      else note(on, given);
      return method.apply(this, given);
    };
  });
  if (!isThere) noteIncomplete();
}
