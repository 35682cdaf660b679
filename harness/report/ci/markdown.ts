import type { Verdict } from '../../judge/verdict.ts';
import { duration } from '../duration.ts';
import { place } from '../finding-text.ts';
import { FINDING_GUIDE } from '../guide/finding-guide.ts';
import { firstLine } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';
import { exemptAs } from './exempt.ts';
import { labErrorsByReason } from './lab-errors.ts';
import { markdownBlock, markdownCode, markdownText } from './markdown-text.ts';
import { type PlacedCause, placedCauses } from './placed-causes.ts';

/** Cases that are listed by name below a cause. */
const MOST_IDS = 50;
/** Lines of the program that are shown of a cause. */
const MOST_LINES = 6;
const SYMBOLS: Record<Verdict, string> = {
  passed: '✅',
  failed: '❌',
  flaky: '⚠️',
  skipped: '⏭️',
  error: '💥',
};
const ORDER: readonly Verdict[] = ['failed', 'flaky', 'error', 'skipped', 'passed'];

/**
 * The report as Markdown: causes first, then flaky ones, errors of the lab, skips by reason, and a table of all cases. Texts of the target are
 * escaped.
 *
 * @param most bytes of UTF-8; what does not fit is left out from the end, and that is said
 * @example
 * writeFileSync('report.md', toMarkdown(report));
 */
export function toMarkdown(report: RunReport, { most = Infinity } = {}): string {
  const roots = { cwd: '/', root: '/' };
  const placed = placedCauses(report, roots);
  const known = placed.filter((one) => one.known !== undefined);
  const failed = placed.filter((one) => one.known === undefined && !one.flaky);
  const flaky = placed.filter((one) => one.known === undefined && one.flaky);
  const numbered = (causes: PlacedCause[], from: number): string[] =>
    causes.map((one, index) => causeSection(one, from + index));
  const text = new Bounded(most);
  text.add(head(report));
  text.addAll(numbered(failed, 1), 'causes');
  if (flaky.length > 0) text.add('### Flaky: failed, then passed\n');
  text.addAll(numbered(flaky, failed.length + 1), 'flaky causes');
  text.addAll(labErrors(report), 'errors of the lab');
  if (known.length > 0) text.add('### Known: it does not fail the run\n');
  text.addAll(numbered(known, failed.length + flaky.length + 1), 'known causes');
  text.addAll(skips(report), 'reasons of skips');
  addTable(text, report);
  return text.toString();
}

/** Text that grows by sections up to a number of bytes. */
class Bounded {
  readonly #parts: string[] = [];
  #room: number;
  #full = false;

  constructor(most: number) {
    // the line about what was left out must fit, too
    this.#room = most - 200;
  }

  /** Adds a section, unless it, or one before it, has no room; says whether it did. */
  add(section: string, closing = 0): boolean {
    const size = Buffer.byteLength(section) + 1;
    if (this.#full || size + closing > this.#room) return false;
    this.#parts.push(section);
    this.#room -= size;
    return true;
  }

  addAll(sections: readonly string[], what: string): void {
    const at = sections.findIndex((section) => !this.add(section));
    if (at !== -1)
      this.end(`${sections.length - at} ${what} are left out for their size: report.json has them.`);
  }

  end(note: string): void {
    if (!this.#full) this.#parts.push(note);
    this.#full = true;
  }

  toString(): string {
    return `${this.#parts.join('\n').trimEnd()}\n`;
  }
}

function head(report: RunReport): string {
  const { results, counts, took, summary, lastfin, seed, interrupted, broken } = report;
  const targets = [...new Set(results.map(({ target }) => target))].slice(0, 5);
  const verdicts = ORDER.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${counts[verdict]} ${verdict}`,
  );
  const mark =
    report.exitCode === 0 ? SYMBOLS.passed : report.exitCode === 1 ? SYMBOLS.failed : SYMBOLS.error;
  return [
    `## ${mark} lastfin: ${markdownText(summary)}\n`,
    `${results.length} ${results.length === 1 ? 'case' : 'cases'} in ${duration(took)}: ${verdicts.join(', ')}. ` +
      `Target: ${targets.map((target) => markdownCode(target)).join(', ')}; lastfin ${markdownCode(lastfin)}, seed ${seed}.`,
    ...(interrupted ? ['\n**Interrupted:** not all cases were run.'] : []),
    ...(broken === undefined ? [] : [`\n**The run broke off:** ${markdownText(broken)}`]),
    '',
  ].join('\n');
}

function causeSection({ cause, rule, known }: PlacedCause, number: number): string {
  const { message, lines, joined, cases, ids, smallest, consequences } = cause;
  const fix = FINDING_GUIDE[rule]?.fix;
  const shown = lines.slice(0, MOST_LINES).map((one) => markdownCode(place(one)));
  const more = lines.length > shown.length ? `, and ${lines.length - shown.length} more` : '';
  const followed = consequences.map((one) => `${one.kind} in ${one.cases}`).join(', ');
  return [
    `### ${number}. ${markdownText(rule)}: ${markdownText(message)}\n`,
    ...(known === undefined ? [] : [`- Known: ${markdownText(known)}`]),
    ...joined.map((other) => `- With: ${markdownText(other.message)}`),
    ...(shown.length === 0 ? [] : [`- Lines: ${shown.join(', ')}${more}`]),
    `- Cases: ${cases}${followed === '' ? '' : `; what follows from it: ${followed}`}; smallest: ${markdownCode(smallest.id)}`,
    ...(smallest.source.file === '' ? [] : [`- Scenario: ${markdownCode(place(smallest.source))}`]),
    ...(fix === undefined ? [] : [`- Fix: ${fix}`]),
    ...(smallest.rerun === undefined ? [] : ['', markdownBlock(smallest.rerun)]),
    ...(ids.length < 2 ? [] : ['', details(`${ids.length} cases`, idList(ids))]),
    '',
  ].join('\n');
}

function idList(ids: readonly string[]): string[] {
  const shown = ids.slice(0, MOST_IDS).map((id) => `- ${markdownCode(id)}`);
  return ids.length > MOST_IDS ? [...shown, `- and ${ids.length - MOST_IDS} more`] : shown;
}

function labErrors(report: RunReport): string[] {
  return [...labErrorsByReason(report)].map(
    ([reason, ids]) =>
      `### ${SYMBOLS.error} The lab failed in ${inCases(ids.length)}\n\n${markdownText(reason)}\n\n${idList(ids).join('\n')}\n`,
  );
}

function skips({ results }: RunReport): string[] {
  const skipped = results.filter(({ verdict }) => verdict === 'skipped');
  if (skipped.length === 0) return [];
  const reasons = groupBy(skipped, ({ want, reason = 'no reason was given' }) =>
    want === undefined
      ? markdownText(firstLine(reason))
      : `${markdownText(want.what)}: ${markdownText(want.fix)}`,
  );
  const rows = [...reasons]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reason, some]) => `- ${inCases(some.length)}: ${reason}`);
  return [`${details(`${inCases(skipped.length)} skipped`, rows)}\n`];
}

function addTable(text: Bounded, { results }: RunReport): void {
  const rows = results
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || (a.id < b.id ? -1 : 1))
    .map(row);
  const closing = '\n</details>';
  const opened = text.add(
    `<details><summary>All cases</summary>\n\n| case | verdict | faults | drain | took |\n| --- | --- | --- | --: | --: |`,
    closing.length,
  );
  if (!opened) return;
  const at = rows.findIndex((one) => !text.add(one, closing.length));
  text.add(closing);
  if (at !== -1)
    text.end(`\n${inCases(rows.length - at)} are left out for their size: report.json has them.`);
}

function row(result: ReportedCase): string {
  const { id, verdict, fidelity, drain, took, findings } = result;
  const known = findings.length > 0 && exemptAs(result) !== undefined ? ' (known)' : '';
  const drained = drain === undefined ? '' : duration(drain);
  return `| ${markdownCode(id, { table: true })} | ${SYMBOLS[verdict]} ${verdict}${known} | ${fidelity ?? ''} | ${drained} | ${duration(took)} |`;
}

function details(summary: string, lines: readonly string[]): string {
  return `<details><summary>${summary}</summary>\n\n${lines.join('\n')}\n\n</details>`;
}

function groupBy(
  results: readonly ReportedCase[],
  key: (result: ReportedCase) => string,
): Map<string, ReportedCase[]> {
  const groups = new Map<string, ReportedCase[]>();
  for (const result of results) groups.set(key(result), [...(groups.get(key(result)) ?? []), result]);
  return groups;
}

function inCases(count: number): string {
  return `${count} ${count === 1 ? 'case' : 'cases'}`;
}
