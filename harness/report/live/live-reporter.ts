import { once } from 'node:events';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Phase } from '../../journal/entry.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import { caseData } from '../html/case-data.ts';
import { fill, type HtmlParts } from '../html/html-report.ts';
import { harmless } from '../html/pack.ts';
import type { CaseStart, Reporter, RunStart } from '../reporter.ts';
import type { RunReport } from '../run-report.ts';
import { LiveRun, withRerun } from './live-run.ts';
import { LiveServer } from './live-server.ts';

/** ms for which changes are gathered before readers are told. */
const EVERY = 250;

export type LiveOptions = {
  /** parts of the page; called once the run's folder is there, since journals are read from it */
  parts: () => HtmlParts;
  /** the command that runs just this case again */
  rerun: (result: CaseResult) => string;
  /** told the address when it is served */
  onUrl: (url: string) => void;
  /** goes on serving after the run until this is aborted; without it the view ends with the run */
  stay?: AbortSignal;
};

/**
 * Shows a run in a browser while it goes on: the page of the report, told of each case as it ends. It stands after the reporters
 * that write files, whose journals it shows.
 */
export class LiveReporter implements Reporter {
  readonly #options: LiveOptions;
  #parts: HtmlParts | undefined;
  #run: LiveRun | undefined;
  #server: LiveServer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** @throws LastfinError `LASTFIN_OUTPUT` where no port can be had */
  async onRunStart(start: RunStart): Promise<void> {
    const parts = this.#options.parts();
    const run = new LiveRun(start, parts);
    this.#parts = parts;
    this.#run = run;
    try {
      this.#server = await LiveServer.start({
        page: () => livePage(parts.template),
        caseOf: (id) => this.#caseOf(id),
        first: () => [
          ['run', json(run.whole())],
          ['under-way', json(run.underWay())],
        ],
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new LastfinError('LASTFIN_OUTPUT', `the live view cannot be served: ${why}`, { cause: error });
    }
    this.#options.onUrl(this.#server.url);
  }

  onCaseStart({ id }: CaseStart): void {
    this.#run?.began(id);
    this.#soon();
  }

  onCasePhase({ id }: CaseStart, phase: Phase): void {
    this.#run?.began(id, phase);
    this.#soon();
  }

  onCaseEnd(result: CaseResult): void {
    this.#run?.ended(withRerun(result, this.#options.rerun));
    this.#soon();
  }

  async onRunEnd(report: RunReport): Promise<void> {
    clearTimeout(this.#timer);
    const { stay } = this.#options;
    this.#run?.finished(report);
    this.#tell();
    this.#server?.tell('end', json({ stays: stay !== undefined }));
    if (stay !== undefined && !stay.aborted) await once(stay, 'abort');
    await this.#server?.close();
  }

  #caseOf(id: string): string | undefined {
    const result = this.#run?.caseOf(id);
    if (result === undefined || this.#parts === undefined) return undefined;
    return json(caseData(result, this.#parts.journalsOf(result)));
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#tell();
    }, EVERY).unref();
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#run === undefined) return;
    this.#server?.tell('update', json(this.#run.update()));
    this.#server?.tell('under-way', json(this.#run.underWay()));
  }
}

/** The page without data: it asks the run for them, and may ask nobody else. */
function livePage(template: string): string {
  return fill(template, { table: '', data: '' }).replace("connect-src 'none'", "connect-src 'self'");
}

const json = (value: unknown): string => JSON.stringify(harmless(value));
