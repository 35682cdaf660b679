import type { Reporter, TextOutput } from '../reporter.ts';
import type { RunReport } from '../run-report.ts';
import { annotations } from './annotations.ts';
import { toMarkdown } from './markdown.ts';
import type { Roots } from './repository-path.ts';

/** Bytes of a step's summary: GitHub drops one above 1,024 KiB as a whole. */
export const MOST_SUMMARY = 900_000;

export type GithubOptions = {
  output: TextOutput | NodeJS.WriteStream;
  roots: Roots;
  /** appends to the summary of the step, and the bytes that it may; absent where there is none */
  summary?: { most: () => number; append: (text: string) => Promise<void> };
};

/** Annotates the lines of causes in GitHub's view of a commit, and writes the summary of the step. */
export class GithubReporter implements Reporter {
  readonly #options: GithubOptions;

  constructor(options: GithubOptions) {
    this.#options = options;
  }

  async onRunEnd(report: RunReport): Promise<void> {
    const { output, roots, summary } = this.#options;
    for (const line of annotations(report, roots)) output.write(`${line}\n`);
    if (summary === undefined) return;
    await summary.append(`${toMarkdown(report, { most: summary.most() })}\n`);
  }
}
