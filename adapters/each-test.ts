import { type LeakGuard, noLeaksIn } from '../harness/in-process/no-leaks.ts';

/** Checks each test of a file: what it leaves open fails it. Tests that run at the same time are not checked. */
export class EachTest {
  readonly #samples: readonly object[];
  #guards: LeakGuard[] = [];

  /** @param samples values of the realm that the tests run in */
  constructor(samples: readonly object[] = []) {
    this.#samples = samples;
  }

  begin(): void {
    this.#guards.push(noLeaksIn(this.#samples)());
  }

  /** @throws LastfinError `LASTFIN_FOUND` for what the test has left */
  async end(): Promise<void> {
    const [guard, ...others] = this.#guards;
    // concurrent tests have one async context for their hooks: nobody can tell whose a thing is
    this.#guards = others;
    await guard?.check();
  }
}
