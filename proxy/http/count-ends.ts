import { CountTable } from '../observe/count-table.ts';

/** Counts things that are opened once, and end once for one reason. */
export class Tally<Reason extends string> {
  readonly #ends: CountTable<Reason>;
  #open = 0;
  #opened = 0;

  constructor(reasons: readonly Reason[]) {
    this.#ends = new CountTable(reasons);
  }

  /** number of those that have not ended */
  get open(): number {
    return this.#open;
  }

  /** number so far: always those that are open, and those that have ended */
  get opened(): number {
    return this.#opened;
  }

  /** numbers that have ended, by reason */
  get ends(): Pick<CountTable<Reason>, 'all' | 'occurred'> {
    return this.#ends;
  }

  /** Counts one more. Call the returned function when it ends. */
  begin(): (reason: Reason) => void {
    this.#open += 1;
    this.#opened += 1;
    return (reason) => {
      this.#open -= 1;
      this.#ends.add(reason);
    };
  }
}
