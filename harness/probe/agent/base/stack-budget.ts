/**
 * A stack is a tenth of what a connection costs, and nobody needs thousands of them: of what follows a baseline or a report so many have
 * theirs taken, then each so many-th. See decision 62.
 */
const AT_FIRST = 1000;
const EACH = 32;

const budgets: StackBudget[] = [];

export class StackBudget {
  #asked = 0;
  /** whether anything of the program's is without its line because there was so much */
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

/** From here on stacks are taken again. */
export function renewStacks(): void {
  for (const budget of budgets) budget.renew();
}
