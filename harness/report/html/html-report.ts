import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';
import { caseData } from './case-data.ts';
import { comparable, type EarlierRun } from './earlier-run.ts';
import { framesOf, type ReadSource } from './frames.ts';
import { pack } from './pack.ts';
import { plainTable } from './plain-table.ts';
import { rowOf } from './rows.ts';
import type { Entry } from '../../journal/entry.ts';
import type { RunData } from './run-data.ts';
import { worstFirst } from './worst-first.ts';

/** Most characters of packed journals in a report: with the results of 5,000 cases it stays below 10 MB. */
const JOURNAL_BUDGET = 4_500_000;

export type HtmlParts = {
  /** the page as the build has made it, with places for data */
  template: string;
  /** journals of a case, one for each attempt; called for as many cases as there is room for */
  journalsOf: (result: ReportedCase) => readonly (readonly Entry[])[];
  readSource: ReadSource;
  /** runs so far, the oldest first, and this one as the history will keep it; absent: no trend is shown */
  history?: { earlier: readonly EarlierRun[]; now: EarlierRun };
};

/**
 * The report as one page: HTML that opens from disk, with all data in it. Journals of failed and flaky cases come first; those for
 * which no room is left are left out, and the page says so.
 */
export function toHtml(report: RunReport, parts: HtmlParts): string {
  const results = worstFirst(report.results);
  const cases = new Map<string, string>();
  let left = JOURNAL_BUDGET;
  let thinned = 0;
  for (const result of inOrderOfWorth(report, results)) {
    const full = left > 0 ? pack(caseData(result, parts.journalsOf(result))) : '';
    if (full !== '' && full.length <= left) {
      cases.set(result.id, full);
      left -= full.length;
    } else {
      cases.set(result.id, pack(caseData(result, [])));
      thinned++;
    }
  }
  const { history } = parts;
  const data: RunData = {
    ...runData(report, parts, { thinned, results }),
    ...(history === undefined
      ? {}
      : { trend: { earlier: comparable(history.earlier, report), now: history.now } }),
  };
  const blocks = [
    block('run', pack(data)),
    ...results.map(({ id }, index) => block(`case-${index}`, cases.get(id) ?? '')),
  ];
  return fill(parts.template, { table: plainTable(report), data: blocks.join('\n') });
}

/** Overview of a run; `results` in the order of the page. */
export function runData(
  report: RunReport,
  { readSource }: Pick<HtmlParts, 'readSource'>,
  { thinned, results }: { thinned: number; results: readonly ReportedCase[] },
): RunData {
  const run: RunData['run'] & Partial<RunReport> = { ...report };
  delete run.results;
  return { run, rows: results.map(rowOf), frames: framesOf(results, readSource), thinned };
}

/** Places of the template, filled. Base64 and escaped text only: nothing in them can end an element. */
export function fill(template: string, { table, data }: { table: string; data: string }): string {
  return template.replace('<!--table-->', () => table).replace('<!--data-->', () => data);
}

function block(id: string, text: string): string {
  return `<script type="application/octet-stream" id="${id}">${text}</script>`;
}

/** The smallest case of each cause, then the others, what needs looking at first. */
function inOrderOfWorth({ causes }: RunReport, results: readonly ReportedCase[]): ReportedCase[] {
  const first = new Set(causes.map(({ smallest }) => smallest.id));
  return [...results.filter(({ id }) => first.has(id)), ...results.filter(({ id }) => !first.has(id))];
}
