/**
 * Counts by name. The table holds every name from the start, so it never grows: whoever looks for leaks need not ask whether the first of a
 * name is the first of many.
 */
export class CountTable<Name extends string> {
  readonly #counts: Map<Name, number>;

  constructor(names: readonly Name[]) {
    this.#counts = new Map(names.map((name) => [name, 0]));
  }

  add(name: Name): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Copy of all counts. */
  all(): Record<Name, number> {
    return Object.fromEntries(this.#counts) as Record<Name, number>;
  }

  /** Copy of the counts; names that never occurred are absent. */
  occurred(): Partial<Record<Name, number>> {
    const occurred = [...this.#counts].filter(([, count]) => count > 0);
    return Object.fromEntries(occurred) as Partial<Record<Name, number>>;
  }
}
