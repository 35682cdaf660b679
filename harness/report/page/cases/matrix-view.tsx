import type { RunData } from '../../html/run-data.ts';
import { duration } from '../parts/format.ts';
import { filterAddress } from '../state/route.ts';
import { type JSX, useEffect, useState } from '../packages/preact.ts';
import { areasOf } from './areas.ts';
import { ScenarioRow } from './scenario-row.tsx';

/** Cells that are added to the document in one go. */
const STEP = 250;

/** Heat map: a row a scenario, a square a cell of its matrix, coloured by verdict or by drain. */
export function MatrixView({ data }: { data: RunData }): JSX.Element {
  const [by, setBy] = useState<'verdict' | 'drain'>('verdict');
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
  const most = data.rows.reduce((max, { drain = 0 }) => Math.max(max, drain), 1);
  let left = shown;
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
      <div class={`matrix by-${by}`}>
        {areasOf(data).map(({ area, scenarios }) => {
          const fit = scenarios.filter(({ rows }) => {
            left -= rows.length;
            return left > -rows.length;
          });
          return fit.length === 0 ? null : (
            <section key={area} class="card area">
              <h2>
                <a href={filterAddress({ area, verdict: '', cause: '', kind: '', q: '' })}>{area}</a>
              </h2>
              {fit.map(({ scenario, rows }) => (
                <ScenarioRow key={scenario} area={area} scenario={scenario} rows={rows} most={most} />
              ))}
            </section>
          );
        })}
      </div>
    </>
  );
}
