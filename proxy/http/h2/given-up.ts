import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { isWriting } from '../../../shared/http2/is-writing.ts';
import { lossBehind } from '../../../shared/reset-after-data.ts';
import type { Clock, Timer } from '../../clock/clock.ts';

/** Dependencies of the watch on a session. */
export type Watched = {
  session: Http2Session;
  socket: Socket;
  clock: Clock;
  /** window of the connection (bytes) */
  window: number;
  /** whether streams are under way */
  isBusy: () => boolean;
  /** called when it was given up; may be called twice */
  onGivenUp: () => void;
};

/** Interval of looks while streams are under way (ms). */
const PERIOD = 250;
/** Silence (ms) after which a session may have been given up. */
const SILENCE = 1000;
/** Time (ms) in which the frame of a probe must be written: Node writes later than it is told to while much comes in. */
const MOMENT = 200;
/** Bytes of the answer to a PING. */
export const PONG = 17;

/**
 * Finds out that nghttp2 has given a session up: after a frame that breaks HTTP/2 it neither reads nor writes, and Node tells nobody, not
 * even of the socket's end. Frames then wait for ever, which shows it: after each request that is sent, and, since streams may be under
 * way already, once after each silence of the peer. A peer that may have reset while Node writes to it is asked for, too.
 */
export class GivenUpWatch {
  readonly #watched: Watched;
  #timer: Timer | undefined;
  /** end of the moment in which the frame of a probe must be written */
  #confirming: Timer | undefined;
  #isLooking = false;
  #window: number;
  #seen = 0;
  /** time of the last look that saw something come, or looked for it */
  #seenAt = 0;
  /** bytes read behind which the session was well */
  #proven = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#window = watched.window;
  }

  /** Looks from time to time, from now on for as long as streams are under way. */
  begin(): void {
    if (this.#timer !== undefined) return;
    const { clock } = this.#watched;
    this.#seenAt = clock.now();
    this.#timer = clock.setTimeout(() => this.#onPeriod(), PERIOD);
  }

  /** Looks whether a request is written, together with all others of this turn. */
  onRequest(): void {
    this.begin();
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => {
      this.#isLooking = false;
      // it may have to wait for its turn, too
      if (this.#waiting > 0) this.#probe();
    });
  }

  /** Ends the watch. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#confirming?.cancel();
    this.#confirming = undefined;
  }

  /** Frames that wait although nothing is being written. */
  get #waiting(): number {
    const { session, socket } = this.#watched;
    if (session.destroyed || socket.destroyed || isWriting(socket)) return 0;
    return session.state.outboundQueueSize ?? 0;
  }

  #onPeriod(): void {
    this.#timer = undefined;
    const { socket, clock, isBusy } = this.#watched;
    const writes = isWriting(socket);
    if (socket.destroyed || !(isBusy() || writes)) return;
    this.#timer = clock.setTimeout(() => this.#onPeriod(), PERIOD);
    const loss = writes && !socket.writableFinished ? lossBehind(socket) : undefined;
    if (loss !== undefined) return void socket.destroy(loss);
    const { bytesRead } = socket;
    const now = clock.now();
    if (bytesRead === this.#seen && now - this.#seenAt < SILENCE) return;
    this.#seenAt = now;
    if (bytesRead === this.#seen && bytesRead !== this.#proven) this.#probe();
    this.#seen = bytesRead;
  }

  /** Adds a frame; a session that is well has written something a moment later, or its socket is writing. */
  #probe(): void {
    const { session, socket, clock, onGivenUp } = this.#watched;
    if (session.destroyed || this.#confirming !== undefined) return;
    const { bytesWritten } = socket;
    if (!this.#addFrame()) return onGivenUp();
    const confirm = (): void => {
      this.#confirming = undefined;
      if (socket.bytesWritten === bytesWritten && this.#waiting > 0) onGivenUp();
    };
    // whatever has held the loop up, two turns of it later Node has written what it can
    this.#confirming = clock.setTimeout(() => setImmediate(() => setImmediate(confirm)), MOMENT);
  }

  /** Adds a frame that asks for nothing new. False: too many PINGs were not answered. */
  #addFrame(): boolean {
    const { session, socket } = this.#watched;
    const { bytesRead } = socket;
    if (!session.closed) {
      return session.ping((error) => {
        // what has come beside may have broken it
        if (error === null && socket.bytesRead - bytesRead === PONG) this.#proven = socket.bytesRead;
      });
    }
    // Node sends no PING on a session that ends
    this.#window += 1;
    session.setLocalWindowSize(this.#window);
    session.goaway();
    this.#proven = bytesRead;
    return true;
  }
}
