/**
 * Counts things that are opened once, and end once for one reason. The table holds every reason from the start, so it
 * never grows: whoever looks for leaks need not ask whether a first reason is the first of many.
 */
export class Tally<Reason extends string> {
  readonly #ends: Map<Reason, number>;
  #open = 0;
  #opened = 0;

  constructor(reasons: readonly Reason[]) {
    this.#ends = new Map(reasons.map((reason) => [reason, 0]));
  }

  /** number of those that have not ended */
  get open(): number {
    return this.#open;
  }

  /** number so far: always those that are open, and those that have ended */
  get opened(): number {
    return this.#opened;
  }

  /** number that have ended, by reason; a reason that has not occurred is absent */
  get ends(): Partial<Record<Reason, number>> {
    return Object.fromEntries([...this.#ends].filter(([, count]) => count > 0)) as Partial<
      Record<Reason, number>
    >;
  }

  /** Counts one more. Call the returned function when it ends. */
  begin(): (reason: Reason) => void {
    this.#open += 1;
    this.#opened += 1;
    return (reason) => {
      this.#open -= 1;
      this.#ends.set(reason, (this.#ends.get(reason) ?? 0) + 1);
    };
  }
}
