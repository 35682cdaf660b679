import type { ConnectionSeen } from '../journal/entry.ts';
import type { Pace } from '../scenario/step.ts';
import { beginningWith, patternAt } from './pattern.ts';
import { type Round } from './round.ts';
import { StepFailure } from './round-services.ts';
import { H2Pipe } from './transports/h2/h2-pipe.ts';
import { HttpBody } from './transports/http/http-body.ts';
import { HttpExchange } from './transports/http/http-server.ts';
import type { Pipe } from './transports/pipe.ts';

/** Largest single write: big enough for speed, small enough that back-pressure shows soon. */
const CHUNK = 65_521;

/** Most that a `flood` writes: an end for a scenario that would otherwise never stop. */
const FLOOD_LIMIT = 256 * 1024 * 1024;

/** Connection that bytes are sent on. */
type Sending = {
  readonly pipe: Pipe;
  readonly round: Round;
  readonly signal: AbortSignal;
  /** whether the connection, and over h2 the stream, still takes bytes */
  readonly canSend: boolean;
  readonly seen: string;
  readonly did: ConnectionSeen['did'];
  readonly state: string;
};

/** Sends an actor's bytes: those of the pattern, by which the other actor knows what arrived, and those that a script spells out. */
export class PatternSender {
  /** bytes sent, all of them */
  sent = 0;
  /** bytes sent that are not of the pattern */
  raw = 0;
  /** bytes sent before the message under way: the pattern begins anew with each */
  #sentBefore = 0;
  readonly #connection: Sending;
  /** place in the pattern of the first byte */
  readonly #beginning: number;

  /** @param index tells the connections of a round apart: each sends from another place of the pattern */
  constructor(connection: Sending, index: number) {
    this.#connection = connection;
    this.#beginning = beginningWith(index);
  }

  /** Begins a message: its body has the pattern from its beginning. */
  beginMessage(): void {
    this.#sentBefore = this.sent;
  }

  /** Writes patterned bytes and waits until the kernel has taken them all; with a pace, no faster than that. */
  async send(bytes: number, deadline: number, pace?: Pace): Promise<void> {
    if (pace === undefined) return this.#sendAll(bytes, deadline);
    for (let remaining = bytes; remaining > 0; remaining -= pace.bytes) {
      await this.#sendAll(Math.min(remaining, pace.bytes), deadline);
      await this.#rest(pace);
    }
  }

  async #sendAll(bytes: number, deadline: number): Promise<void> {
    const connection = this.#connection;
    const { round, signal } = connection;
    const end = this.sent + bytes;
    let pending = 0;
    // one clock for all of it: a peer that takes a little at a time must not make this last for ever
    const clock = round.clock(deadline);
    while (this.sent < end) {
      if (!connection.canSend) throw new StepFailure(`could not send: ${connection.state}`);
      pending++;
      connection.pipe.write(this.#nextChunk(end - this.sent), () => {
        pending--;
        round.changed();
      });
      // a bounded number of writes under way: one at a time would be slow, all at once would hide back-pressure
      const most = this.sent < end ? 4 : 0;
      await round.until(`send ${bytes} bytes`, () => pending <= most || !connection.canSend, clock, signal);
    }
    if (!connection.canSend && connection.seen !== 'none' && connection.seen !== 'end') {
      throw new StepFailure(`could not send: ${connection.state}`);
    }
  }

  /** Writes as fast as it is taken, in the background, until the connection or the message under way ends. */
  flood(): void {
    const connection = this.#connection;
    const { pipe } = connection;
    // a message with a content-length takes no more than that
    const owed = (): number =>
      (pipe instanceof HttpBody || pipe instanceof H2Pipe) && pipe.hasLength
        ? pipe.owed
        : FLOOD_LIMIT - this.sent;
    const more = (): void => {
      while (connection.canSend && connection.did === 'nothing' && owed() > 0) {
        if (!pipe.write(this.#nextChunk(owed()))) return;
      }
    };
    pipe.on('drain', more);
    more();
  }

  /** Writes bytes that are not of the pattern, and waits until the kernel has taken them; with a pace, no faster than that. */
  async write(bytes: Buffer, deadline: number, pace?: Pace): Promise<void> {
    if (pace === undefined) return this.#writeAll(bytes, deadline);
    for (let at = 0; at < bytes.length; at += pace.bytes) {
      await this.#writeAll(bytes.subarray(at, at + pace.bytes), deadline);
      await this.#rest(pace);
    }
  }

  async #writeAll(bytes: Buffer, deadline: number): Promise<void> {
    const connection = this.#connection;
    const { pipe, round } = connection;
    // an answer as it stands in the script, however wrong
    if (pipe instanceof HttpExchange) return pipe.answerWith(bytes);
    let taken = false;
    this.sent += bytes.length;
    this.#sentBefore += bytes.length;
    this.raw += bytes.length;
    pipe.write(bytes, () => {
      taken = true;
      round.changed();
    });
    await round.until('write', () => taken || !connection.canSend, deadline, connection.signal);
    if (!taken) throw new StepFailure(`could not write: ${connection.state}`);
  }

  /** The next bytes of the pattern, which count as sent. */
  #nextChunk(most = CHUNK): Buffer {
    const offset = this.sent - this.#sentBefore;
    const chunk = patternAt(this.#beginning, offset, Math.min(CHUNK, most));
    this.sent += chunk.length;
    return chunk;
  }

  #rest({ every }: Pace): Promise<void> {
    const { round, signal } = this.#connection;
    return round.waitFor({ state: 'time', ms: every }, every, signal);
  }
}
