import type { CaseResult } from '../../judge/verdict.ts';
import type { Phase } from '../../journal/entry.ts';
import { framesOf } from '../html/frames.ts';
import { type HtmlParts, runData } from '../html/html-report.ts';
import { harmless } from '../html/pack.ts';
import { rowOf } from '../html/rows.ts';
import type { RunData, RunUpdate, UnderWay } from '../html/run-data.ts';
import { worstFirst } from '../html/worst-first.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunStart } from '../reporter.ts';
import { buildReport, type RunReport } from '../run-report.ts';

/** A run that goes on, as its page is told of it. */
export class LiveRun {
  readonly #parts: Pick<HtmlParts, 'readSource'>;
  readonly #start: RunStart;
  readonly #results = new Map<string, ReportedCase>();
  readonly #underWay = new Map<string, Phase | undefined>();
  #untold: ReportedCase[] = [];
  #report: RunReport | undefined;

  constructor(start: RunStart, parts: Pick<HtmlParts, 'readSource'>) {
    this.#start = start;
    this.#parts = parts;
  }

  began(id: string, phase?: Phase): void {
    this.#underWay.set(id, phase);
  }

  ended(result: ReportedCase): void {
    this.#underWay.delete(result.id);
    this.#results.set(result.id, result);
    this.#untold.push(result);
  }

  finished(report: RunReport): void {
    this.#report = report;
    this.#underWay.clear();
    this.#untold = report.results.filter(({ id }) => !this.#results.has(id));
    for (const result of report.results) this.#results.set(result.id, result);
  }

  caseOf(id: string): ReportedCase | undefined {
    // the page asks for it as it was told of it: by a name without control characters
    return this.#results.get(id) ?? [...this.#results.values()].find((result) => harmless(result.id) === id);
  }

  /** All of the run so far. */
  whole(): RunData {
    const report = this.#reportSoFar();
    const results = worstFirst(report.results);
    return {
      ...runData(report, this.#parts, { thinned: 0, results }),
      planned: this.#start.scenarios.length,
    };
  }

  /** Changes since the last update. */
  update(): RunUpdate {
    const untold = this.#untold;
    this.#untold = [];
    const { run } = runData(this.#reportSoFar(), this.#parts, { thinned: 0, results: [] });
    return { run, rows: untold.map(rowOf), frames: framesOf(untold, this.#parts.readSource) };
  }

  underWay(): UnderWay[] {
    return [...this.#underWay].map(([id, phase]) => (phase === undefined ? { id } : { id, phase }));
  }

  #reportSoFar(): RunReport {
    if (this.#report !== undefined) return this.#report;
    const { lastfin, started, seed, lab } = this.#start;
    return buildReport({
      lastfin,
      started: started.toISOString(),
      took: Date.now() - started.getTime(),
      node: process.version,
      platform: process.platform,
      seed,
      ...(lab === undefined ? {} : { lab }),
      interrupted: false,
      results: [...this.#results.values()],
    });
  }
}

/** Result of a case with its command, as the page shows it. */
export function withRerun(result: CaseResult, rerun: (result: CaseResult) => string): ReportedCase {
  return { ...result, rerun: rerun(result) };
}
