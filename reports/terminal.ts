import type { CaseResult } from '../harness/judge/verdict.ts';
import type { Phase } from '../harness/run/journal.ts';
import { closingLine, closingTable, labLine } from './closing-table.ts';
import { LiveProgress } from './live-progress.ts';
import { palette, wantsColor, type Palette } from './palette.ts';
import type { CaseStart, Reporter } from './reporter.ts';
import type { RunReport } from './run.ts';
import { caseInFull, caseLine } from './terminal-findings.ts';

export type TerminalOptions = {
  /** where to write; `columns` and `isTTY` are asked of it. Default: stdout */
  stream?: NodeJS.WriteStream;
  /** the command that runs just this case again */
  rerun: (result: CaseResult) => string;
  /** where a case's journal will be, for people to open */
  journal?: (result: CaseResult) => string | undefined;
  /** default: on a terminal, unless NO_COLOR is set */
  color?: boolean;
  /** ms; for tests */
  now?: () => number;
};

/** Width of what is written where there is no terminal to ask. */
const WIDTH = 100;
/** Text wider than this is hard to read. */
const WIDEST_TEXT = 120;

/**
 * Tells people in a terminal how a run goes: on a TTY a live block, elsewhere one line a finished case; findings in full as they
 * come; at the end a table and the counts.
 *
 * @example
 * const terminal = new TerminalReporter({ rerun: ({ id }) => `npx lastfin run --case '${id}'` });
 */
export class TerminalReporter implements Reporter {
  readonly #stream: NodeJS.WriteStream;
  readonly #options: TerminalOptions;
  readonly #paint: Palette;
  #live: LiveProgress | undefined;
  #afterBlock = false;

  constructor(options: TerminalOptions) {
    this.#stream = options.stream ?? process.stdout;
    this.#options = options;
    this.#paint = palette(options.color ?? wantsColor(this.#stream.isTTY, process.env));
  }

  onRunStart(run: { cases: number }): void {
    if (!this.#stream.isTTY) return;
    this.#live = new LiveProgress(this.#stream, this.#paint, run.cases, this.#options.now ?? Date.now);
  }

  onCaseStart({ id }: CaseStart): void {
    this.#live?.started(id);
  }

  onCasePhase({ id }: CaseStart, phase: Phase): void {
    this.#live?.phase(id, phase);
  }

  onCaseEnd(result: CaseResult): void {
    this.#live?.ended(result.id, result.verdict);
    const { verdict } = result;
    if (verdict === 'passed' || verdict === 'skipped') {
      if (this.#live === undefined)
        this.#print([...(this.#afterBlock ? [''] : []), caseLine(result, this.#paint)]);
      this.#afterBlock = false;
      return;
    }
    const journal = this.#options.journal?.(result);
    const reported = {
      ...result,
      rerun: this.#options.rerun(result),
      ...(journal === undefined ? {} : { journal }),
    };
    this.#print(['', ...caseInFull(reported, this.#paint, Math.min(this.#width(), WIDEST_TEXT))]);
    this.#afterBlock = true;
  }

  onRunEnd(report: RunReport): void {
    this.#live?.stop();
    this.#live = undefined;
    const table = closingTable(report.results, this.#paint, this.#width());
    this.#print([
      '',
      ...table,
      ...(table.length === 0 ? [] : ['']),
      ...labLine(report),
      closingLine(report, this.#paint),
    ]);
  }

  #width(): number {
    return this.#stream.columns || WIDTH;
  }

  #print(lines: string[]): void {
    if (this.#live === undefined) this.#stream.write(`${lines.join('\n')}\n`);
    else this.#live.print(lines);
  }
}
