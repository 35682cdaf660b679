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
  /** where it listens: at one address, or at all that its name stands for */
  readonly #everywhere: readonly Address[];
  readonly #servers = new Map<Address, net.Server>();
  #round: { round: Round; script: readonly Step[]; deadline: number } | undefined;
  readonly #scripts = new Set<Promise<void>>();
  #failed: ((error: unknown) => void) | undefined;

  /** @param named the hosts that its name stands for, at the same port; none: it has no name */
  constructor(address: Address, named: readonly string[] = []) {
    this.address = address;
    const hosts = named.length > 0 ? named : [address.host];
    this.#everywhere = hosts.map((host) => ({ host, port: address.port }));
  }

  /** Listens; also again after {@link stopListening}. Rejects with the socket's error when the port is taken. */
  async listen(): Promise<void> {
    for (const address of this.#everywhere) {
      if (this.#servers.has(address)) continue;
      const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        this.#accept(socket);
      });
      server.listen({ ...address, backlog: 1024 });
      await once(server, 'listening');
      this.#servers.set(address, server);
    }
  }

  /**
   * Closes the listeners only: live connections stay, new ones are refused by the kernel.
   *
   * @param number only the one at this address, from 1
   */
  stopListening(number?: number): void {
    for (const [index, address] of this.#everywhere.entries()) {
      if (number !== undefined && number !== index + 1) continue;
      this.#servers.get(address)?.close();
      this.#servers.delete(address);
    }
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
