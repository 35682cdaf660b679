import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { descriptorOf } from '../../shared/descriptor-of.ts';
import type { Clock } from '../clock/clock.ts';

/** Descriptors that accepted connections must leave free for sockets to upstreams, look-ups and the admin address. */
export const DESCRIPTOR_RESERVE = 16;

/** Age (ms) up to which the cached descriptor limit is used; `prlimit` can change the limit from outside. */
const MAX_AGE = 1000;
/** Age (ms) up to which the cached limit may refuse a connection: shorter, so that a raised limit takes effect at once. */
const MAX_AGE_TO_REFUSE = 10;

/**
 * Detects that the process is about to run out of file descriptors. Node must not reach that point: at EMFILE libuv accepts each
 * connection on a spare descriptor and closes it at once, without an event (libuv `uv__emfile_trick`).
 */
export class DescriptorHeadroom {
  readonly #clock: Clock;
  #limit = Infinity;
  #readAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a newly accepted socket took one of the last descriptors: the kernel hands out the lowest free number. */
  isUsedUpBy(socket: Socket): boolean {
    // undocumented; without it the check is off, and Node behaves as usual
    const fd = descriptorOf(socket);
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

/** Reads the soft limit; Infinity if the system does not tell. */
function readSoftLimit(): number {
  try {
    const soft = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Infinity : Number(soft);
  } catch (error) {
    // not Linux; EMFILE means that no descriptor is left even for this file
    return (error as NodeJS.ErrnoException).code === 'EMFILE' ? 0 : Infinity;
  }
}
