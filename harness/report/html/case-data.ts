import { findingText } from '../finding-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { Entry } from '../../journal/entry.ts';
import type { CaseData } from './run-data.ts';

/** Output of a target in a case that is kept, from its end. */
const MOST_OUTPUT = 400;

/** All that the page of a case shows. Repeats of what the page shows elsewhere are left out. */
export function caseData(result: ReportedCase, journals: readonly (readonly Entry[])[]): CaseData {
  return { result, texts: result.findings.map(findingText), journals: journals.map(trimmed) };
}

function trimmed(entries: readonly Entry[]): Entry[] {
  let lines = entries.filter(({ type }) => type === 'output').length;
  return entries.filter((entry) => {
    if (entry.type === 'output') return lines-- <= MOST_OUTPUT;
    return entry.type !== 'report' && entry.type !== 'enlarged' && entry.type !== 'explained';
  });
}
