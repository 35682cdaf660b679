import { type LeakGuard, noLeaks } from '../harness/in-process/no-leaks.ts';

/** Checks each test of a file: what it leaves open fails it. Tests that run at the same time are not checked. */
export class EachTest {
  #guards: LeakGuard[] = [];

  begin(): void {
    this.#guards.push(noLeaks());
  }

  /** @throws LastfinError `LASTFIN_FOUND` for what the test has left */
  async end(): Promise<void> {
    const [guard, ...others] = this.#guards;
    // concurrent tests have one async context for their hooks: nobody can tell whose a thing is
    this.#guards = others;
    await guard?.check();
  }
}
