import { TERMINATION_REASONS } from '../../connection/termination.ts';
import type { TerminationReason } from '../../connection/termination.ts';
import { Tally } from '../count-ends.ts';

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
  readonly #streams = new Tally<TerminationReason>(TERMINATION_REASONS);
  #sessions = 0;

  onSession(): void {
    this.#sessions += 1;
  }

  onSessionEnd(): void {
    this.#sessions -= 1;
  }

  /** Counts a stream. Call the returned function when it ends. */
  onStream(): (reason: TerminationReason) => void {
    return this.#streams.begin();
  }

  counts(): StreamCounts {
    return {
      sessions: this.#sessions,
      streams: this.#streams.open,
      streamsOpened: this.#streams.opened,
      streamEnds: this.#streams.ends.occurred(),
    };
  }
}
