import type { Reporter, TextOutput } from '../reporter.ts';
import type { RunReport } from '../run-report.ts';
import { agentText } from './agent-text.ts';

/** Writes the outcome in few words, at the end: for coding agents, which read every line. */
export class AgentReporter implements Reporter {
  readonly #output: TextOutput | NodeJS.WriteStream;
  readonly #folder: () => string | undefined;

  /** @param folder the folder of the run, once it is known */
  constructor(output: TextOutput | NodeJS.WriteStream, folder: () => string | undefined) {
    this.#output = output;
    this.#folder = folder;
  }

  onRunEnd(report: RunReport): void {
    this.#output.write(agentText(report, this.#folder()));
  }
}
