import type net from 'node:net';

import type { ConnectionSeen } from '../run/journal.ts';
import type { Seen, Side } from '../scenario/scenario.ts';
import { firstMismatch, patternAt } from './pattern.ts';
import { type Round, StepFailure } from './round.ts';

/** Largest single write: big enough for speed, small enough that back-pressure shows soon. */
const CHUNK = 65_521;

/** Most that a `flood` writes: an end for a scenario that would otherwise never stop. */
const FLOOD_LIMIT = 256 * 1024 * 1024;

/**
 * One connection as one actor holds it: it does what the script says and notes what the peer does.
 * It never ends by itself: what a script leaves open stays open until the release.
 */
export class ActorConnection {
  readonly actor: Side;
  readonly number: number;
  readonly socket: net.Socket;
  readonly round: Round;
  seen: Seen = 'none';
  did: ConnectionSeen['did'] = 'nothing';
  received = 0;
  failure: ConnectionSeen['failure'];
  #sent = 0;
  #sentAtEnd: number | undefined;
  #expected = 0;
  #corruptAt = -1;
  #closed = false;
  #ports: { localPort?: number; remotePort?: number } = {};
  isTakenOver = false;
  /** aborts the script when a fault takes the connection over, or the round is aborted */
  readonly #script = new AbortController();

  constructor(actor: Side, number: number, socket: net.Socket, round: Round) {
    this.actor = actor;
    this.number = number;
    this.socket = socket;
    this.round = round;
    const onAbort = (): void => {
      this.#script.abort(round.signal.reason);
    };
    round.signal.addEventListener('abort', onAbort, { once: true });
    socket.once('close', () => {
      round.signal.removeEventListener('abort', onAbort);
    });
    socket.on('data', (chunk) => {
      this.#onData(chunk);
    });
    socket.on('end', () => {
      this.#see('end');
      if (this.did === 'nothing') this.round.halfClosed++;
      this.round.changed();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#see(seenFrom(error));
      this.round.changed();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.round.changed();
    });
    this.notePorts();
  }

  /** Script and waits of this connection end when this signal is aborted. */
  get signal(): AbortSignal {
    return this.#script.signal;
  }

  get isOpen(): boolean {
    return !this.#closed && !this.socket.destroyed;
  }

  notePorts(): void {
    const { localPort, remotePort } = this.socket;
    if (localPort !== undefined)
      this.#ports = { localPort, ...(remotePort === undefined ? {} : { remotePort }) };
  }

  /** Writes patterned bytes and waits until the kernel has taken them all. */
  async send(bytes: number, deadline: number): Promise<void> {
    const end = this.#sent + bytes;
    let pending = 0;
    const signal = this.signal;
    while (this.#sent < end) {
      if (!this.isOpen) throw new StepFailure(`could not send: ${this.#state()}`);
      const chunk = patternAt(this.#sent, Math.min(CHUNK, end - this.#sent));
      this.#sent += chunk.length;
      pending++;
      this.socket.write(chunk, () => {
        pending--;
        this.round.changed();
      });
      // a bounded number of writes under way: one at a time would be slow, all at once would hide back-pressure
      const most = this.#sent < end ? 4 : 0;
      await this.round.until(`send ${bytes} bytes`, () => pending <= most || !this.isOpen, deadline, signal);
    }
    if (!this.isOpen && this.seen !== 'none' && this.seen !== 'end') {
      throw new StepFailure(`could not send: ${this.#state()}`);
    }
  }

  /** Writes as fast as it is taken, in the background, until the connection ends. */
  flood(): void {
    const more = (): void => {
      while (this.isOpen && this.did === 'nothing' && this.#sent < FLOOD_LIMIT) {
        const chunk = patternAt(this.#sent, CHUNK);
        this.#sent += chunk.length;
        if (!this.socket.write(chunk)) return;
      }
    };
    this.socket.on('drain', more);
    more();
  }

  /** Waits until `bytes` more have come. An end of the connection before that is a failure at once. */
  async expect(bytes: number, deadline: number): Promise<void> {
    this.#expected += bytes;
    const wanted = this.#expected;
    const arrived = (): boolean => this.received >= wanted;
    await this.round.until(
      `expect ${bytes} bytes (${this.received} of ${wanted} so far)`,
      () => arrived() || this.#ended(),
      deadline,
      this.signal,
    );
    if (!arrived()) throw new StepFailure(`expected ${wanted} bytes, got ${this.received}: ${this.#state()}`);
  }

  async expectEnding(ending: 'end' | 'reset' | 'closed', deadline: number): Promise<void> {
    await this.round.until(`expect ${ending}`, () => this.#ended(), deadline, this.signal);
    if (ending !== 'closed' && this.seen !== ending)
      throw new StepFailure(`expected ${ending}: ${this.#state()}`);
  }

  halfClose(): void {
    if (this.did !== 'nothing') return;
    this.did = 'half-closed';
    this.socket.end();
  }

  /** FIN, then waits for the peer's. */
  async close(deadline: number): Promise<void> {
    this.halfClose();
    this.did = 'closed';
    this.socket.resume();
    await this.round.until('close', () => this.#closed || this.#ended(), deadline, this.signal);
  }

  abandon(): void {
    if (this.isOpen) this.did = 'abandoned';
    this.socket.destroy();
  }

  reset(): void {
    if (this.isOpen) this.did = 'reset';
    this.socket.resetAndDestroy();
  }

  stall(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Stops the script: from here on a fault acts on the connection. */
  takeOver(): void {
    this.isTakenOver = true;
    this.#script.abort(new StepFailure('taken over by a fault'));
  }

  /** Lets go at the release, or at teardown. */
  release(): void {
    this.socket.destroy();
  }

  describe(): ConnectionSeen {
    return {
      actor: this.actor,
      round: this.round.number,
      connection: this.number,
      seen: this.seen,
      did: this.did,
      sent: this.#sent,
      ...(this.#sentAtEnd === undefined ? {} : { sentAtEnd: this.#sentAtEnd }),
      received: this.received,
      ...(this.#corruptAt >= 0 ? { corruptAt: this.#corruptAt } : {}),
      ...this.#ports,
      ...(this.failure ? { failure: this.failure } : {}),
    };
  }

  #onData(chunk: Buffer): void {
    if (this.#corruptAt < 0) this.#corruptAt = firstMismatch(chunk, this.received);
    this.received += chunk.length;
    this.round.received += chunk.length;
    this.round.changed();
  }

  #see(what: Seen): void {
    // the first thing the peer did is what counts; an error after our own reset or close is its echo
    if (this.seen !== 'none' || this.did === 'reset' || this.did === 'abandoned') return;
    this.seen = what;
    this.#sentAtEnd = this.#sent;
  }

  #ended(): boolean {
    return this.seen !== 'none' || this.#closed;
  }

  #state(): string {
    return this.seen === 'none'
      ? this.#closed
        ? 'the connection is closed'
        : 'the connection is open'
      : `saw ${this.seen}`;
  }
}

function seenFrom(error: NodeJS.ErrnoException): Seen {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      // EPIPE is how a write learns of the RST that came before it
      return 'reset';
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return 'timeout';
    default:
      return error.code ?? error.message;
  }
}
