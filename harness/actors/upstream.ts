import { once } from 'node:events';
import net from 'node:net';

import type { Step } from '../scenario/scenario.ts';
import { ActorConnection } from './actor-connection.ts';
import type { Address } from '../lab/address.ts';
import type { Round } from './round.ts';
import { runScript } from './run-script.ts';

/** The upstream actor: accepts what the target (or the link behind it) opens, and runs its script on each connection. */
export class Upstream {
  readonly connections: ActorConnection[] = [];
  readonly address: Address;
  #server: net.Server | undefined;
  #round: { round: Round; script: readonly Step[]; deadline: number } | undefined;
  readonly #scripts = new Set<Promise<void>>();
  #failed: ((error: unknown) => void) | undefined;

  constructor(address: Address) {
    this.address = address;
  }

  /** Listens; also again after {@link stopListening}. Rejects with the socket's error when the port is taken. */
  async listen(): Promise<void> {
    if (this.#server) return;
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accept(socket);
    });
    server.listen({ ...this.address, backlog: 1024 });
    await once(server, 'listening');
    this.#server = server;
  }

  /** Closes the listener only: live connections stay, new ones are refused by the kernel. */
  stopListening(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** From here on accepted connections belong to `round`. `failed` hears of what is not a failed step. */
  serve(round: Round, script: readonly Step[], deadline: number, failed: (error: unknown) => void): void {
    this.#round = { round, script, deadline };
    this.#failed = failed;
  }

  /** Resolves when the scripts of all connections accepted so far are done. */
  async scriptsDone(): Promise<void> {
    while (this.#scripts.size > 0) await Promise.all(this.#scripts);
  }

  ofRound(round: number): ActorConnection[] {
    return this.connections.filter((connection) => connection.round.number === round);
  }

  release(): void {
    for (const connection of this.connections) connection.release();
  }

  close(): void {
    this.stopListening();
    this.release();
  }

  #accept(socket: net.Socket): void {
    if (!this.#round) {
      // a readiness check of the target may come through before the first round
      socket.on('error', () => socket.destroy());
      socket.on('end', () => socket.end());
      socket.resume();
      return;
    }
    const { round, script, deadline } = this.#round;
    const connection = new ActorConnection('upstream', round.established++, socket, round);
    this.connections.push(connection);
    round.changed();
    const done = runScript(connection, script, deadline)
      .catch((error: unknown) => {
        if (!round.signal.aborted) this.#failed?.(error);
      })
      .finally(() => this.#scripts.delete(done));
    this.#scripts.add(done);
  }
}
