import type { Socket } from 'node:net';

import type { ClientGroup } from '../../scenario/case.ts';

/** Socket of a client's script. */
export type ScriptSocket = {
  socket: Socket;
  /** number of scripts that share it */
  scripts: number;
};

/** Sockets of the clients of one group in one round: over HTTP/2 several scripts share one. */
export class SharedSockets {
  readonly #group: ClientGroup;
  readonly #streams: number;
  readonly #sockets = new Map<number, Promise<ScriptSocket>>();

  /** @param shares whether the transport lets scripts share a connection */
  constructor(group: ClientGroup, shares: boolean) {
    this.#group = group;
    this.#streams = shares ? (group.streams ?? 1) : 1;
  }

  /** Socket for the script of this index in its group; `open` is called for the first one that needs it. */
  get(index: number, open: () => Promise<Socket>): Promise<ScriptSocket> {
    const first = Math.floor(index / this.#streams) * this.#streams;
    const scripts = Math.min(this.#streams, this.#group.count - first);
    const known = this.#sockets.get(first) ?? open().then((socket) => ({ socket, scripts }));
    if (scripts > 1) this.#sockets.set(first, known);
    return known;
  }
}
