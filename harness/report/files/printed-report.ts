import type { Reporter, TextOutput } from '../reporter.ts';
import type { RunReport } from '../run-report.ts';

/** Writes the finished report in one format, such as JSON or JUnit XML, and nothing else: for other programs to read. */
export class PrintedReport implements Reporter {
  readonly #stream: TextOutput | NodeJS.WritableStream;
  readonly #format: (report: RunReport) => string;

  constructor(
    format: (report: RunReport) => string,
    stream: TextOutput | NodeJS.WritableStream = process.stdout,
  ) {
    this.#format = format;
    this.#stream = stream;
  }

  onRunEnd(report: RunReport): void {
    const text = this.#format(report);
    this.#stream.write(text.endsWith('\n') ? text : `${text}\n`);
  }
}
