import type { Row, RunData } from '../../html/run-data.ts';
import { duration } from '../parts/format.ts';
import { MARKS } from '../parts/verdict.tsx';
import { caseAddress, filterAddress } from '../state/route.ts';
import { type JSX, useEffect, useState } from '../vendor/preact.ts';
import { areaOf } from './filter-bar.tsx';

/** Cells that are added to the document in one go. */
const STEP = 250;

type Colouring = 'verdict' | 'drain';

/** Heat map: a row a scenario, a square a cell of its matrix, coloured by verdict or by drain. */
export function MatrixView({ data }: { data: RunData }): JSX.Element {
  const [by, setBy] = useState<Colouring>('verdict');
  const [shown, setShown] = useState(STEP);
  useEffect(() => {
    if (shown >= data.rows.length) return undefined;
    const frame = requestAnimationFrame(() => {
      setShown(shown + STEP);
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [shown, data]);
  const most = Math.max(1, ...data.rows.map(({ drain = 0 }) => drain));
  return (
    <>
      <div class="filters">
        <h1>Matrix</h1>
        <div class="chips" role="group" aria-label="Colour by">
          {(['verdict', 'drain'] as const).map((one) => (
            <button
              key={one}
              type="button"
              class="chip"
              aria-pressed={by === one}
              onClick={() => {
                setBy(one);
              }}
            >
              by {one}
            </button>
          ))}
        </div>
        {by === 'drain' ? (
          <span class="scale dim">
            0 <span class="ramp" aria-hidden="true" /> {duration(most)}
          </span>
        ) : null}
      </div>
      {[...byArea(data.rows.toSorted(byId).slice(0, shown))].map(([area, scenarios]) => (
        <section key={area} class="card area">
          <h2>
            <a href={filterAddress({ area, verdict: '', cause: '', kind: '', q: '' })}>{area}</a>
          </h2>
          {[...scenarios].map(([scenario, rows]) => (
            <div key={scenario} class="scenario">
              <a href={filterAddress({ area: scenario, verdict: '', cause: '', kind: '', q: '' })}>
                {scenario.slice(area.length + 1) || scenario}
              </a>
              <div class="cells">
                {rows.map((row) => (
                  <Cell key={row.id} row={row} by={by} most={most} />
                ))}
              </div>
            </div>
          ))}
        </section>
      ))}
    </>
  );
}

function Cell({ row, by, most }: { row: Row; by: Colouring; most: number }): JSX.Element {
  const { id, verdict, drain, cell, note } = row;
  const words = Object.entries(cell)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  const title = [
    words === '' ? id : words,
    `${verdict}${drain === undefined ? '' : `, drained in ${duration(drain)}`}`,
    ...(note === undefined ? [] : [note]),
  ].join('\n');
  if (by === 'verdict' || drain === undefined) {
    return (
      <a
        class={`cell ${by === 'verdict' ? verdict : 'none'}`}
        href={caseAddress(id)}
        title={title}
        aria-label={`${id}: ${verdict}`}
      >
        {by === 'verdict' && verdict !== 'passed' ? MARKS[verdict] : ''}
      </a>
    );
  }
  // a square root: most drains are short beside the longest
  const share = Math.sqrt(drain / most);
  return (
    <a
      class="cell heat"
      href={caseAddress(id)}
      title={title}
      aria-label={`${id}: ${duration(drain)}`}
      style={{ '--share': `${Math.round(12 + 88 * share)}%` }}
    />
  );
}

const byId = (a: Row, b: Row): number => (a.id < b.id ? -1 : 1);

function byArea(rows: readonly Row[]): Map<string, Map<string, Row[]>> {
  const areas = new Map<string, Map<string, Row[]>>();
  for (const row of rows) {
    const area = areaOf(row.scenario);
    const scenarios = areas.get(area) ?? new Map<string, Row[]>();
    const list = scenarios.get(row.scenario) ?? [];
    list.push(row);
    scenarios.set(row.scenario, list);
    areas.set(area, scenarios);
  }
  return areas;
}
