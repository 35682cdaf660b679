/**
 * Limits how many connections have their stack captured, which is a tenth of a connection's cost: the first 1,000 after a baseline or
 * report, then every 32nd. See decision 62.
 */
const AT_FIRST = 1000;
const EACH = 32;

const budgets: StackBudget[] = [];

export class StackBudget {
  #asked = 0;
  /** whether anything of the program lacks its line because there was too much */
  leftOut = false;

  constructor() {
    budgets.push(this);
  }

  isWanted(): boolean {
    if (++this.#asked <= AT_FIRST || this.#asked % EACH === 0) return true;
    this.leftOut = true;
    return false;
  }

  renew(): void {
    this.#asked = 0;
  }
}

/** Resets the budget, so that stacks are captured again. */
export function renewStacks(): void {
  for (const budget of budgets) budget.renew();
}
