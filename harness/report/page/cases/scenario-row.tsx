import type { Row } from '../../html/run-data.ts';
import { duration } from '../parts/format.ts';
import { MARKS } from '../parts/verdict.tsx';
import { caseAddress, filterAddress } from '../state/route.ts';
import { Component, type JSX } from '../packages/preact.ts';

type Props = { area: string; scenario: string; rows: readonly Row[]; most: number };

/** Row of the matrix. It is drawn once: cells are coloured by their style, whatever they are coloured by. */
export class ScenarioRow extends Component<Props> {
  override shouldComponentUpdate({ rows, most }: Props): boolean {
    return rows !== this.props.rows || most !== this.props.most;
  }

  override render(): JSX.Element {
    const { area, scenario, rows, most } = this.props;
    return (
      <div class="scenario">
        <a href={filterAddress({ area: scenario, verdict: '', cause: '', kind: '', q: '' })}>
          {scenario.slice(area.length + 1) || scenario}
        </a>
        <div class="cells">
          {rows.map((row) => (
            <Cell key={row.id} row={row} most={most} />
          ))}
        </div>
      </div>
    );
  }
}

function Cell({ row, most }: { row: Row; most: number }): JSX.Element {
  const { id, verdict, drain, cell, note } = row;
  const words = Object.entries(cell)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  const title = [
    words === '' ? id : words,
    `${verdict}${drain === undefined ? '' : `, drained in ${duration(drain)}`}`,
    ...(note === undefined ? [] : [note]),
  ].join('\n');
  return (
    <a
      class={drain === undefined ? `cell ${verdict}` : `cell ${verdict} heat`}
      href={caseAddress(id)}
      title={title}
      aria-label={`${id}: ${verdict}`}
      // a square root: most drains are short beside the longest
      style={drain === undefined ? {} : { '--share': `${Math.round(12 + 88 * Math.sqrt(drain / most))}%` }}
    >
      {verdict === 'passed' ? '' : MARKS[verdict]}
    </a>
  );
}
