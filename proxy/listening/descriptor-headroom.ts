import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Clock } from '../clock/clock.ts';

/** Descriptors that accepted connections leave to what must go on: sockets to upstreams, look-ups, the admin address. */
export const DESCRIPTOR_RESERVE = 16;

/** How long the process's limit is believed, in ms: `prlimit` changes it from outside. */
const MAX_AGE = 1000;
/** The same where it would have a connection refused: what was raised again serves at once. */
const MAX_AGE_TO_REFUSE = 10;

/**
 * Sees that the process is about to run out of file descriptors. Node must not get to that point: at EMFILE libuv accepts each
 * connection on a spare descriptor and closes it at once, and nobody is told (libuv `uv__emfile_trick`).
 */
export class DescriptorHeadroom {
  readonly #clock: Clock;
  #limit = Infinity;
  #readAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a socket that was just accepted has one of the last descriptors: the kernel gives out the lowest that is free. */
  isUsedUpBy(socket: Socket): boolean {
    // not documented; where it is not there, Node does what it does
    const { fd = -1 } = (socket as { _handle?: { fd?: number } | null })._handle ?? {};
    if (fd < this.#softLimit(MAX_AGE) - DESCRIPTOR_RESERVE) return false;
    return fd >= this.#softLimit(MAX_AGE_TO_REFUSE) - DESCRIPTOR_RESERVE;
  }

  #softLimit(maxAge: number): number {
    const now = this.#clock.now();
    if (now - this.#readAt >= maxAge) {
      this.#limit = readSoftLimit();
      this.#readAt = now;
    }
    return this.#limit;
  }
}

/** Infinity where the system does not say. */
function readSoftLimit(): number {
  try {
    const soft = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Infinity : Number(soft);
  } catch (error) {
    // not Linux; or it is too late already, and then nothing more can be accepted
    return (error as NodeJS.ErrnoException).code === 'EMFILE' ? 0 : Infinity;
  }
}
