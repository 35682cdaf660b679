import type { Row } from '../../html/run-data.ts';
import { caseAddress } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';
import { plural } from './format.ts';

const MOST = 8;

type Props = { id: string; rows: readonly Row[] };

/** The other cases of a scenario: which of them fail, too, and which pass, is half of what there is to know. */
export function Siblings({ id, rows }: Props): JSX.Element | null {
  const own = rows.find((row) => row.id === id);
  const others = rows.filter((row) => row.scenario === own?.scenario && row.id !== id);
  const passed = others.filter(({ verdict }) => verdict === 'passed');
  const failed = others.filter(({ verdict }) => verdict === 'failed' || verdict === 'flaky');
  if (own === undefined || passed.length + failed.length === 0) return null;
  return (
    <p class="siblings">
      <span class="dim">The same scenario</span>
      {failed.length === 0 ? null : <Cells verb="fails in" rows={failed} scenario={own.scenario} />}
      {passed.length === 0 ? null : <Cells verb="passes in" rows={passed} scenario={own.scenario} />}
    </p>
  );
}

function Cells({
  verb,
  rows,
  scenario,
}: {
  verb: string;
  rows: readonly Row[];
  scenario: string;
}): JSX.Element {
  return (
    <span>
      {' '}
      {verb}
      {rows.slice(0, MOST).map(({ id }) => (
        <span key={id}>
          {' '}
          <a href={caseAddress(id)}>{id.slice(scenario.length)}</a>
        </span>
      ))}
      {rows.length > MOST ? <span class="dim"> and {plural(rows.length - MOST, 'other')}</span> : null}
    </span>
  );
}
