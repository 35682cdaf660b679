import net from 'node:net';
import { Worker } from 'node:worker_threads';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { within } from '../../../shared/within.ts';
import type { Address } from '../../../shared/address.ts';

/** Time (ms) after which an unanswered connect counts as pending: loopback answers in well under one. */
const PENDING_AFTER = 60;
const MOST_FILLERS = 16;
const START_DEADLINE = 10_000;

/**
 * Listener whose thread never runs its event loop again: the kernel fills the backlog, then drops every SYN, so connects stay pending
 * for as long as the connecting side waits. Needs no privilege, ends with its process.
 */
const LISTENER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.on('error', (error) => parentPort.postMessage({ error: error.message }));
  server.listen({ ...workerData, backlog: 1 }, () => {
    parentPort.postMessage({ listening: true });
    // block after the message has left; Atomics.wait is ended by worker.terminate()
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** Host that does not answer, at a local address. Connects to it stay in SYN_SENT until {@link close}. */
export class Blackhole {
  readonly #worker: Worker;
  readonly #fillers: net.Socket[] = [];

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Opens the host. Rejects with `LASTFIN_LAB` if the address is taken or connects still succeed with a full backlog. */
  static async open(address: Address): Promise<Blackhole> {
    const worker = new Worker(LISTENER, { eval: true, workerData: address, execArgv: [] });
    const hole = new Blackhole(worker);
    try {
      await within(START_DEADLINE, 'starting the blackhole', hole.#listening());
      for (let i = 0; i < MOST_FILLERS; i++) if (await hole.#fill(address)) return hole;
      throw new LastfinError(
        'LASTFIN_LAB',
        `connects to ${address.host}:${address.port} succeed with a full backlog`,
      );
    } catch (error) {
      await hole.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#worker.terminate();
  }

  #listening(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.once('message', (message: { error?: string }) => {
        if (message.error === undefined) resolve();
        else reject(new LastfinError('LASTFIN_LAB', `blackhole: ${message.error}`));
      });
      this.#worker.once('error', reject);
    });
  }

  /** Adds a connection to the backlog; true if it stays pending, that is, if the backlog is full. */
  #fill(address: Address): Promise<boolean> {
    const filler = net.connect(address);
    this.#fillers.push(filler);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // on a busy machine the connect may have succeeded unnoticed: the poll before this turn's end tells
        setImmediate(() => {
          resolve(filler.connecting);
        });
      }, PENDING_AFTER);
      filler.once('connect', () => {
        clearTimeout(timer);
        resolve(false);
      });
      filler.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
    });
  }
}
