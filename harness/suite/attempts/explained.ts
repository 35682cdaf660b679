/** Most cases that are run again for one finding, and in a run: each costs the time of the case. */
const MOST_EACH = 2;
const MOST = 12;

/** Findings that runs to explain them have been made for. */
export class Explained {
  readonly #times = new Map<string, number>();
  #runs = 0;

  /** Whether another run is to be made for a case with these findings, by their fingerprints; counts it. */
  begin(fingerprints: readonly string[]): boolean {
    const isNew = fingerprints.some((one) => (this.#times.get(one) ?? 0) < MOST_EACH);
    if (!isNew || this.#runs >= MOST) return false;
    this.#runs++;
    for (const one of fingerprints) this.#times.set(one, (this.#times.get(one) ?? 0) + 1);
    return true;
  }
}
