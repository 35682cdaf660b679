import type { Socket } from 'node:net';

/** Script on a connection that several scripts may share, as over HTTP/2. */
type Sharer = {
  /** whether its stream is under way */
  readonly isOnStream: boolean;
  did: string;
  takeOver(): void;
};

const all = new WeakMap<Socket, Set<Sharer>>();

/** Adds a script to those of a socket. */
export function share(socket: Socket, one: Sharer): void {
  const sharers = all.get(socket) ?? new Set();
  all.set(socket, sharers.add(one));
}

/** Ends the scripts of all other streams of a socket whose connection one of them has just ended. */
export function takeOthersAlong(socket: Socket, one: Sharer): void {
  for (const other of all.get(socket) ?? []) {
    if (other === one || !other.isOnStream) continue;
    other.did = one.did;
    other.takeOver();
  }
}
