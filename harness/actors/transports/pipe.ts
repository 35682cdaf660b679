import type { Duplex } from 'node:stream';

/**
 * What a script's bytes go through, once the carrier stands. TCP and TLS give the socket itself; HTTP gives a stream of the
 * bodies, which emits `seen` with what the peer did where that is neither an end nor an error of the socket: a status, `truncated`.
 */
export type Pipe = Duplex;

/** A carrier could not be set up: the peer ended it first, in the words of `Seen`, or what came is not what it should be. */
export class CarrierRefused extends Error {
  override readonly name = 'CarrierRefused';
  readonly seen: string;

  constructor(seen: string) {
    super(`the carrier was refused: ${seen}`);
    this.seen = seen;
  }
}
