import net from 'node:net';

import type { Address } from '../lab/address.ts';
import { concurrently } from '../lab/concurrently.ts';
import type { Step } from '../scenario/scenario.ts';
import { ActorConnection } from './actor-connection.ts';
import { type Round, StepFailure } from './round.ts';
import { runScript } from './run-script.ts';

/** The client actor: opens connections to the target (or to the link before it) and runs its script on each. */
export class Client {
  readonly connections: ActorConnection[] = [];
  readonly #address: Address;

  constructor(address: Address) {
    this.#address = address;
  }

  /** Runs the script on every connection of the round, `concurrent` at a time; resolves when all scripts are done. */
  async run(round: Round, script: readonly Step[], concurrent: number, deadline: number): Promise<void> {
    const numbers = Array.from({ length: round.count }, (_, number) => number);
    await concurrently(concurrent, numbers, async (number) => {
      await this.#one(round, number, script, deadline);
      round.finished++;
      round.changed();
    });
  }

  /** Connections of one round, in the order they were opened. */
  ofRound(round: number): ActorConnection[] {
    return this.connections.filter((connection) => connection.round.number === round);
  }

  release(): void {
    for (const connection of this.connections) connection.release();
  }

  async #one(round: Round, number: number, script: readonly Step[], deadline: number): Promise<void> {
    round.signal.throwIfAborted();
    const socket = net.connect({ ...this.#address, allowHalfOpen: true, noDelay: true });
    const connection = new ActorConnection('client', number, socket, round);
    this.connections.push(connection);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      connection.notePorts();
      round.opened++;
      round.changed();
    });
    try {
      await round.until('open', () => connected || connection.seen !== 'none', deadline, connection.signal);
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      connection.failure = { step: 'open', index: 0, message: error.message };
      return;
    }
    if (!connected) return;
    await runScript(connection, script, deadline, 1);
  }
}
