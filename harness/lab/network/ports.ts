import { readFileSync } from 'node:fs';
import net from 'node:net';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';

const LOOPBACK = '127.0.0.1';

/**
 * Ports are taken from below the system's ephemeral range: a port from inside it can be grabbed by any outgoing connection
 * between our check and the target's listen, and a connect to a closed one can even connect to itself.
 */
function range(): { low: number; high: number } {
  try {
    const [low] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number);
    if (low !== undefined && low > 12_000) return { low: 10_000, high: low - 1 };
  } catch {
    // not Linux: IANA's ephemeral range begins at 49152
  }
  return { low: 10_000, high: 49_151 };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Hands out free loopback ports, each only once in a run, so that parallel cases never collide. */
export class Ports {
  readonly #low: number;
  readonly #size: number;
  #next: number;

  /** @param start where to begin in the range; differs between processes so that parallel runs seldom meet */
  constructor(start: number = process.pid * 97) {
    const { low, high } = range();
    this.#low = low;
    this.#size = high - low + 1;
    this.#next = start % this.#size;
  }

  async take(): Promise<number> {
    for (let tries = 0; tries < this.#size; tries++) {
      const port = this.#low + this.#next;
      this.#next = (this.#next + 1) % this.#size;
      if (await isFree(port)) return port;
    }
    throw new LastfinError('LASTFIN_LAB', `no free port on ${LOOPBACK}`, {
      facts: { low: this.#low, size: this.#size },
    });
  }
}
