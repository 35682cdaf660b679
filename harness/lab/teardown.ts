import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { within } from '../../shared/within.ts';

type Undo = { what: string; run: () => void | Promise<void> };

/** Time limit for undoing one thing, ms: a teardown that hangs is a defect, and must not hang the run. */
const UNDO_DEADLINE = 10_000;

/**
 * Collects what must be undone when a case or a run ends, however it ends. Undone in reverse order, each step by itself:
 * a failed step never stops the others.
 *
 * @example
 * const teardown = new Teardown();
 * try {
 *   const server = await startServer();
 *   teardown.add('server', () => server.close());
 * } finally {
 *   await teardown.run();
 * }
 */
export class Teardown {
  #undos: Undo[] = [];

  add(what: string, run: Undo['run']): void {
    this.#undos.push({ what, run });
  }

  /** Undoes everything once. Rejects with `LASTFIN_LAB` (causes: an AggregateError) after all steps have been tried. */
  async run(): Promise<void> {
    const undos = this.#undos.toReversed();
    this.#undos = [];
    const failures: { what: string; error: unknown }[] = [];
    for (const { what, run } of undos) {
      try {
        await within(UNDO_DEADLINE, `undoing ${what}`, Promise.resolve(run()));
      } catch (error) {
        failures.push({ what, error });
      }
    }
    if (failures.length === 0) return;
    const names = failures.map(({ what, error }) => `${what} (${String(error)})`).join(', ');
    throw new LastfinError('LASTFIN_LAB', `could not take down: ${names}`, {
      facts: { left: failures.map(({ what }) => what) },
      cause: new AggregateError(failures.map(({ error }) => error)),
    });
  }
}
