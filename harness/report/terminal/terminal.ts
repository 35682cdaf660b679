import type { CaseResult } from '../../judge/verdict.ts';
import type { Phase } from '../../journal/entry.ts';
import { Areas } from './area.ts';
import { causesInWords } from './causes-text.ts';
import { closingLine, closingTable, labLine } from './closing-table.ts';
import { excusedInWords } from './excused-text.ts';
import { knownInWords } from './known-text.ts';
import { KnownCauses } from './known-causes.ts';
import { LiveProgress } from './progress/live-progress.ts';
import { LoggedProgress } from './progress/logged-progress.ts';
import { notRunInWords } from './not-run-text.ts';
import { palette, wantsColor, type Palette } from './palette.ts';
import { plainLine } from '../plain-text.ts';
import type { Progress } from './progress/progress.ts';
import { RunningCases } from './progress/running-cases.ts';
import type { CaseStart, Reporter, RunStart, TextOutput } from '../reporter.ts';
import type { RunReport } from '../run-report.ts';
import { startLine } from './start-line.ts';
import { caseInFull, caseLine, sameCauseLine } from './terminal-findings.ts';

export type TerminalOptions = {
  /** stream that is written to, and asked for `columns` and `isTTY`. Default: stdout */
  stream?: NodeJS.WriteStream | TextOutput;
  /** the command that runs just this case again */
  rerun: (result: CaseResult) => string;
  /** path at which a case's journal will be, for people to open */
  journal?: (result: CaseResult) => string | undefined;
  /** the page of the run, once it is written */
  page?: () => string | undefined;
  /** the command that installs what this machine lacks, where there is one for all of it */
  setup?: string;
  /**
   * `normal`: each cause in full once, passed cases summed up by folder. `verbose`: every case, and a table of what became of the
   * connections. `quiet`: only what failed, and the last line
   */
  detail?: Detail;
  /** default: on a terminal, unless NO_COLOR is set */
  color?: boolean;
  /** ms; for tests */
  now?: () => number;
};

export type Detail = 'quiet' | 'normal' | 'verbose';

/** Width of what is written where there is no terminal to ask. */
const WIDTH = 100;
/** Text wider than this is hard to read. */
const WIDEST_TEXT = 120;

/**
 * Tells people in a terminal how a run goes: what is run, on a TTY a live block, each cause in full when it is first seen, a line a
 * folder of cases; at the end the causes, what was not run, and the counts.
 *
 * @example
 * const terminal = new TerminalReporter({ rerun: ({ id }) => `npx lastfin run --case '${id}'` });
 */
export class TerminalReporter implements Reporter {
  readonly #stream: NodeJS.WriteStream | TextOutput;
  readonly #options: TerminalOptions;
  readonly #detail: Detail;
  readonly #paint: Palette;
  readonly #known = new KnownCauses();
  #areas: Areas | undefined;
  #cases: RunningCases | undefined;
  #progress: Progress | undefined;
  #begun = false;
  #afterBlock = false;

  constructor(options: TerminalOptions) {
    this.#stream = options.stream ?? process.stdout;
    this.#options = options;
    this.#detail = options.detail ?? 'normal';
    this.#paint = palette(options.color ?? wantsColor(this.#stream.isTTY ?? false, process.env));
  }

  onRunStart(run: RunStart): void {
    if (this.#detail === 'quiet') return;
    this.#line(this.#paint.dim(startLine(run)));
    this.#afterBlock = true;
    if (this.#detail === 'normal') this.#areas = new Areas(run.scenarios, this.#paint);
    this.#cases = new RunningCases(run.scenarios.length, this.#options.now ?? Date.now);
    this.#progress = this.#stream.isTTY
      ? new LiveProgress(this.#stream, this.#paint, this.#cases)
      : new LoggedProgress(this.#stream, this.#paint, this.#cases);
  }

  onCaseStart({ id }: CaseStart): void {
    this.#cases?.started(id);
    this.#progress?.changed();
  }

  onCasePhase({ id }: CaseStart, phase: Phase): void {
    this.#cases?.phase(id, phase);
  }

  onCaseWait({ id }: CaseStart): void {
    this.#cases?.waits(id);
    this.#progress?.changed();
  }

  onCaseEnd(result: CaseResult): void {
    this.#cases?.ended(result.id, result.verdict);
    this.#progress?.changed();
    this.#tell(result);
    const area = this.#areas?.ended(result);
    if (area !== undefined) this.#line(area);
  }

  #tell(result: CaseResult): void {
    if (result.verdict === 'passed' || result.verdict === 'skipped') {
      const notable = this.#detail === 'normal' && (result.excused ?? []).length > 0;
      if (notable || this.#detail === 'verbose') this.#line(caseLine(result, this.#paint));
      return;
    }
    const seenIn = this.#known.seenIn(result);
    if (seenIn.length > 0 && this.#detail !== 'verbose') {
      this.#line(sameCauseLine(result, seenIn, this.#paint));
      return;
    }
    const journal = this.#options.journal?.(result);
    const reported = {
      ...result,
      rerun: this.#options.rerun(result),
      ...(journal === undefined ? {} : { journal }),
    };
    this.#print([...(this.#begun ? [''] : []), ...caseInFull(reported, this.#paint, this.#textWidth())]);
    this.#afterBlock = true;
  }

  onRunEnd(report: RunReport): void {
    this.#progress?.stop();
    this.#progress = undefined;
    for (const area of this.#areas?.rest() ?? []) this.#line(area);
    const width = this.#textWidth();
    const quiet = this.#detail === 'quiet';
    const sections = [
      this.#detail === 'verbose' ? closingTable(report.results, this.#paint, this.#width()) : [],
      causesInWords(report, this.#paint, width),
      quiet ? [] : notRunInWords(report, width, this.#options.setup),
      quiet ? [] : excusedInWords(report.results, width),
      knownInWords(report, width),
      [...(quiet ? [] : [...labLine(report), ...this.#pageLine()]), closingLine(report, this.#paint)],
    ];
    const lines = sections.filter((section) => section.length > 0).flatMap((section) => ['', ...section]);
    // a statement that ends in an empty line needs no other before the next
    this.#print(lines.filter((line, index) => line !== '' || lines[index - 1] !== ''));
  }

  #pageLine(): string[] {
    const page = this.#options.page?.();
    return page === undefined ? [] : [`${this.#paint.dim('report')} ${plainLine(page)}`];
  }

  #width(): number {
    return this.#stream.columns || WIDTH;
  }

  #textWidth(): number {
    return Math.min(this.#width(), WIDEST_TEXT);
  }

  /** Prints a line, apart from the block before it. */
  #line(line: string): void {
    this.#print([...(this.#afterBlock ? [''] : []), line]);
    this.#afterBlock = false;
  }

  #print(lines: string[]): void {
    this.#begun = true;
    if (this.#progress === undefined) this.#stream.write(`${lines.join('\n')}\n`);
    else this.#progress.print(lines);
  }
}
