import type { Duplex } from 'node:stream';

import type { Step } from '../../../scenario/step.ts';
import { StreamOver } from '../stream-over.ts';

/** Steps that stop reading, or write frames beside the session, which must not meet one of its writes in the socket. */
const BESIDE_SESSION: ReadonlySet<Step['kind']> = new Set(['freeze', 'continuation', 'half-head']);

/** Whether a script needs a {@link FreezableStream} under its session. */
export function needsFreezable(script: readonly Step[]): boolean {
  return script.some(({ kind }) => BESIDE_SESSION.has(kind));
}

/**
 * Passes the bytes of a connection on until it is frozen, and reads nothing from then on: an HTTP/2 session over a socket reads by
 * itself, and answers PING and SETTINGS without being asked.
 */
export class FreezableStream extends StreamOver {
  #isFrozen = false;

  constructor(inner: Duplex) {
    super(inner);
    this.begin();
  }

  /** Stops reading for good. */
  freeze(): void {
    this.#isFrozen = true;
    this.inner.pause();
  }

  override _read(): void {
    if (!this.#isFrozen) super._read();
  }
}
