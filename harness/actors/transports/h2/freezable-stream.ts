import type { Duplex } from 'node:stream';

import { StreamOver } from '../stream-over.ts';

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
