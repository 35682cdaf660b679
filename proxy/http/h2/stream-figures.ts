import type { TerminationReason } from '../../connection/termination.ts';

/** Figures of HTTP/2 at one instant. */
export type StreamCounts = {
  /** open HTTP/2 connections of clients */
  sessions: number;
  /** open streams of clients */
  streams: number;
  /** streams of clients so far: always those that are open, and those that have ended */
  streamsOpened: number;
  /** streams that have ended, by reason; a reason that has not occurred is absent */
  streamEnds: Partial<Record<TerminationReason, number>>;
};

/** Counts the streams of all HTTP/2 clients: each is opened once, and ends once, for one reason. */
export class StreamFigures {
  readonly #ends = new Map<TerminationReason, number>();
  #sessions = 0;
  #open = 0;
  #opened = 0;

  onSession(): void {
    this.#sessions += 1;
  }

  onSessionEnd(): void {
    this.#sessions -= 1;
  }

  onStream(): void {
    this.#open += 1;
    this.#opened += 1;
  }

  onStreamEnd(reason: TerminationReason): void {
    this.#open -= 1;
    this.#ends.set(reason, (this.#ends.get(reason) ?? 0) + 1);
  }

  counts(): StreamCounts {
    return {
      sessions: this.#sessions,
      streams: this.#open,
      streamsOpened: this.#opened,
      streamEnds: Object.fromEntries(this.#ends),
    };
  }
}
