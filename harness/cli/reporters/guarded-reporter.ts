import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Entry, Phase } from '../../journal/entry.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import type { CaseStart, Reporter, RunStart } from '../../report/reporter.ts';
import type { RunReport } from '../../report/run-report.ts';

/**
 * Keeps a reporter of the user's own from breaking a run: after a hook has thrown it is told nothing more, the run goes on, and its end
 * throws `LASTFIN_REPORTER` with the name of the hook. A start that throws ends the run before the first case.
 */
export class GuardedReporter implements Reporter {
  readonly #reporter: Reporter;
  readonly #name: string;
  #failure: LastfinError | undefined;

  /** @param name for messages: the module, as the user wrote it */
  constructor(reporter: Reporter, name: string) {
    this.#reporter = reporter;
    this.#name = name;
  }

  async onRunStart(run: RunStart): Promise<void> {
    await this.#call('onRunStart', (reporter) => reporter.onRunStart?.(run));
    this.#throwFailure();
  }

  onCaseStart(start: CaseStart): Promise<void> {
    return this.#call('onCaseStart', (reporter) => reporter.onCaseStart?.(start));
  }

  onCasePhase(start: CaseStart, phase: Phase): Promise<void> {
    return this.#call('onCasePhase', (reporter) => reporter.onCasePhase?.(start, phase));
  }

  onCaseWait(start: CaseStart): Promise<void> {
    return this.#call('onCaseWait', (reporter) => reporter.onCaseWait?.(start));
  }

  onCaseEnd(result: CaseResult, journals: readonly (readonly Entry[])[]): Promise<void> {
    return this.#call('onCaseEnd', (reporter) => reporter.onCaseEnd?.(result, journals));
  }

  /** @throws LastfinError `LASTFIN_REPORTER` where this or an earlier hook has thrown */
  async onRunEnd(report: RunReport): Promise<void> {
    await this.#call('onRunEnd', (reporter) => reporter.onRunEnd?.(report));
    this.#throwFailure();
  }

  async #call(hook: string, call: (reporter: Reporter) => unknown): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await call(this.#reporter);
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#failure ??= new LastfinError(
        'LASTFIN_REPORTER',
        `the reporter ${this.#name} threw in ${hook}: ${why}`,
        {
          facts: { reporter: this.#name, hook },
          cause: error,
        },
      );
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
