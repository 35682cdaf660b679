import { firstLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';

/** Ids of the cases in which the lab failed, by the first line of the reason, in the order of the report. */
export function labErrorsByReason({ results }: Pick<RunReport, 'results'>): Map<string, string[]> {
  const byReason = new Map<string, string[]>();
  for (const { id, verdict, reason = 'no reason was given' } of results) {
    if (verdict !== 'error') continue;
    const key = firstLine(reason);
    const ids = byReason.get(key);
    if (ids === undefined) byReason.set(key, [id]);
    else ids.push(id);
  }
  return byReason;
}
