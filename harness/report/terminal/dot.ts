import type { CaseResult, Verdict } from '../../judge/verdict.ts';
import { causesInWords } from './causes-text.ts';
import { closingLine } from './closing-table.ts';
import { palette, wantsColor, type Palette } from './palette.ts';
import type { Reporter, TextOutput } from '../reporter.ts';
import type { RunReport } from '../run-report.ts';

export type DotOptions = { stream?: NodeJS.WriteStream | TextOutput; color?: boolean };

const DOTS: Record<Verdict, string> = { passed: '.', failed: 'F', flaky: '~', skipped: '-', error: '!' };
const WIDTH = 80;
const NARROWEST_TEXT = 40;

/**
 * Writes one character a case: `.` passed, `F` failed, `~` flaky, `-` skipped, `!` an error of the lab; then the causes and the
 * counts.
 *
 * @example
 * const reporters: Reporter[] = [new DotReporter()];
 */
export class DotReporter implements Reporter {
  readonly #stream: NodeJS.WriteStream | TextOutput;
  readonly #paint: Palette;
  #column = 0;

  constructor({ stream = process.stdout, color }: DotOptions = {}) {
    this.#stream = stream;
    this.#paint = palette(color ?? wantsColor(stream.isTTY ?? false, process.env));
  }

  onCaseEnd({ verdict }: CaseResult): void {
    this.#column++;
    const full = this.#column % this.#width() === 0;
    this.#stream.write(`${this.#paint.verdict[verdict](DOTS[verdict])}${full ? '\n' : ''}`);
  }

  onRunEnd(report: RunReport): void {
    const causes = causesInWords(report, this.#paint, Math.max(this.#width(), NARROWEST_TEXT));
    const lines = ['', ...causes, ...(causes.length === 0 ? [] : ['']), closingLine(report, this.#paint)];
    this.#stream.write(`\n${lines.join('\n')}\n`);
  }

  #width(): number {
    return this.#stream.columns || WIDTH;
  }
}
