/**
 * What the program does meanwhile, so that nothing need be looked for in the whole heap where nothing can be: its sockets, weakly, and a
 * count of what only a heap walk can judge. See `quick-look.ts`.
 */
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { syncBuiltinESMExports } from 'node:module';
import { replace, type Method } from './hook.ts';
import { isOwn, keepOut } from './own.ts';

/** So many references are kept before those to sockets that are gone are thrown away. */
const FEWEST = 1000;

let sockets: WeakRef<net.Socket>[] = keepOut([]);
let most = FEWEST;
/** sockets that were remembered when they connected */
const remembered = new WeakSet<object>();
let unseen = 0;
let complete = true;

/** Starts to follow. Called once, before the program. What connects, listens or is spawned is noted by the hooks of `origins.ts`. */
export function followTrail(): void {
  hook(net.Socket.prototype, '_destroy', rememberSocket);
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

/** All sockets that have connected or were destroyed, and that garbage collection has left. */
export function socketsLeft(): net.Socket[] {
  sockets = keepOut(sockets.filter((reference) => reference.deref() !== undefined));
  most = Math.max(FEWEST, 2 * sockets.length);
  return sockets.flatMap((reference) => reference.deref() ?? []);
}

/** Keeps a socket in mind, weakly, that connects or is destroyed. */
export function rememberSocket(socket: object): void {
  if (!(socket instanceof net.Socket) || remembered.has(socket) || isOwn(socket)) return;
  remembered.add(socket);
  if (sockets.length >= most) socketsLeft();
  sockets.push(new WeakRef(socket));
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
