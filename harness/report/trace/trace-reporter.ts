import type { Entry } from '../../journal/entry.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import { safeJson } from '../files/json.ts';
import type { CaseStart, Reporter, RunStart, TextOutput } from '../reporter.ts';
import { PIDS, traceEvents } from './trace-events.ts';

/** Events after which passed cases are written without connections and counts: browsers open some 100 MB. */
const MOST_EVENTS = 300_000;

/**
 * Writes what all cases did against time, as a trace that ui.perfetto.dev, chrome://tracing and speedscope open: a process a side of a case, a
 * thread a connection.
 *
 * @example
 * const reporters: Reporter[] = [new TraceReporter(process.stdout)];
 */
export class TraceReporter implements Reporter {
  readonly #output: TextOutput | NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #most: number;
  readonly #starts = new Map<string, number>();
  readonly #lines: string[] = [];
  #started: number;
  #pid = 1;
  #thinned = 0;

  /** @param options for tests: `now` in ms since 1970, and the events after which passed cases are thinned */
  constructor(output: TextOutput | NodeJS.WriteStream, { now = Date.now, most = MOST_EVENTS } = {}) {
    this.#most = most;
    this.#output = output;
    this.#now = now;
    this.#started = now();
  }

  onRunStart({ started }: Pick<RunStart, 'started'>): void {
    this.#started = started.getTime();
  }

  onCaseStart({ id }: CaseStart): void {
    this.#starts.set(id, this.#now() - this.#started);
  }

  onCaseEnd({ id, verdict }: CaseResult, journals: readonly (readonly Entry[])[]): void {
    let at = this.#starts.get(id);
    this.#starts.delete(id);
    // a case that was skipped has not run
    if (at === undefined) return;
    for (const [index, journal] of journals.entries()) {
      const full = verdict !== 'passed' || this.#lines.length < this.#most;
      if (!full) this.#thinned++;
      const name = index === 0 ? id : `${id} (journal ${index + 1})`;
      for (const event of traceEvents(journal, { id: name, pid: this.#pid, at, full }))
        this.#lines.push(safeJson(event));
      this.#pid += PIDS;
      // attempts follow one another; only those that are kept have a journal
      at += journal.at(-1)?.t ?? 0;
    }
  }

  onRunEnd({ lastfin, started }: { lastfin: string; started: string }): void {
    const thinned =
      this.#thinned === 0 ? {} : { 'passed cases without connections and counts': this.#thinned };
    const head = safeJson({ tool: 'lastfin', version: lastfin, started, ...thinned });
    this.#output.write(`{"displayTimeUnit":"ms","otherData":${head},"traceEvents":[\n`);
    for (const [index, line] of this.#lines.entries())
      this.#output.write(index === this.#lines.length - 1 ? `${line}\n` : `${line},\n`);
    this.#output.write(']}\n');
  }
}
