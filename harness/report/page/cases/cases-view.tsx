import type { RunData } from '../../html/run-data.ts';
import { plural } from '../parts/format.ts';
import { listed } from '../state/listed.ts';
import { filters } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';
import { CaseList } from './case-list.tsx';
import { FilterBar } from './filter-bar.tsx';

/** All cases, filtered, searched and sorted. */
export function CasesView({ data }: { data: RunData }): JSX.Element {
  const rows = listed.value;
  const { cause = '' } = filters();
  const named = data.run.causes.find(({ fingerprint }) => fingerprint === cause);
  return (
    <>
      <FilterBar data={data} />
      {cause === '' ? null : <p class="notice">Cases with the cause: {named?.message ?? cause}</p>}
      <p class="dim" id="listed">
        {rows.length === data.rows.length
          ? plural(rows.length, 'case')
          : `${rows.length.toLocaleString('en')} of ${plural(data.rows.length, 'case')}`}
      </p>
      <CaseList rows={rows} />
    </>
  );
}
