import { address, caseAddress, filters } from '../state/route.ts';
import { listed } from '../state/listed.ts';
import type { JSX } from '../packages/preact.ts';

/** Way back to the list, and to the cases before and after in it. */
export function Neighbours({ id }: { id: string }): JSX.Element {
  const rows = listed.value;
  const at = rows.findIndex((row) => row.id === id);
  const before = rows[at - 1];
  const after = at < 0 ? undefined : rows[at + 1];
  return (
    <p class="neighbours">
      <a href={address({ ...filters(), view: 'cases' })}>← Cases</a>
      {at < 0 ? null : (
        <span class="dim">
          {(at + 1).toLocaleString('en')} of {rows.length.toLocaleString('en')}
        </span>
      )}
      {before === undefined ? null : <a href={caseAddress(before.id)}>Previous</a>}
      {after === undefined ? null : <a href={caseAddress(after.id)}>Next</a>}
    </p>
  );
}
