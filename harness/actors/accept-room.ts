import { setTimeout as delay } from 'node:timers/promises';

/** Connections that every accept queue has room for: Python and socat request a backlog of five. */
const ROOM = 4;
/** Longest wait for room: a target that accepts nothing, for want of descriptors or because it hangs, must not stop clients from trying. ms */
const PATIENCE = 1000;
/** Interval between two looks at the queue. ms */
const LOOK = 1;

/**
 * Lets clients connect no faster than the target accepts. A Linux server whose accept queue overflows drops the connection while its
 * client believes it open, and may never recover it: such a loss proves nothing about the target.
 */
export class AcceptRoom {
  readonly #pending: () => number;
  #connecting = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param pending returns the connections that the target has not accepted yet */
  constructor(pending: () => number) {
    this.#pending = pending;
  }

  /** Waits for room, in turn. Call the function it resolves with when the connection is established or has failed. */
  async enter(signal: AbortSignal): Promise<() => void> {
    const until = performance.now() + PATIENCE;
    const turn = this.#last.then(() => this.#wait(until, signal));
    this.#last = turn;
    await turn;
    let entered = true;
    return () => {
      if (entered) this.#connecting--;
      entered = false;
    };
  }

  async #wait(until: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && performance.now() < until && this.#connecting + this.#pending() >= ROOM)
      await delay(LOOK);
    this.#connecting++;
  }
}
