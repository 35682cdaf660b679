import type { Row } from '../../html/run-data.ts';
import { computed } from '../packages/signals.ts';
import { filters } from './route.ts';
import { run } from './run.ts';

/** Rows in the order of the list, filtered and sorted as the address says. */
export const listed = computed((): readonly Row[] => {
  const data = run.value;
  return data === undefined ? [] : select(data.rows, filters());
});

/** Texts in which a search looks, by row; made once. */
const haystacks = new WeakMap<Row, string>();

/** Rows that the filters let through. */
export function select(rows: readonly Row[], chosen: Record<string, string>): readonly Row[] {
  const { q = '', verdict = '', cause = '', kind = '', area = '', sort = '' } = chosen;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = rows.filter(
    (row) =>
      (verdict === '' || verdict.split(',').includes(row.verdict)) &&
      (cause === '' || row.fingerprints.includes(cause)) &&
      (kind === '' || row.kinds.some((one) => one === kind)) &&
      (area === '' || row.scenario === area || row.scenario.startsWith(`${area}/`)) &&
      words.every((word) => haystack(row).includes(word)),
  );
  if (sort === 'took') return kept.toSorted((a, b) => b.took - a.took);
  if (sort === 'drain') return kept.toSorted((a, b) => (b.drain ?? -1) - (a.drain ?? -1));
  return sort === 'id' ? kept.toSorted((a, b) => (a.id < b.id ? -1 : 1)) : kept;
}

function haystack(row: Row): string {
  let text = haystacks.get(row);
  if (text === undefined) {
    text = `${row.id} ${row.note ?? ''} ${row.target} ${row.kinds.join(' ')} ${row.verdict}`.toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}
