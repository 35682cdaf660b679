import type { EarlierRun } from '../../html/earlier-run.ts';
import { duration } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';

/** Size of one drawing, in units of its own. */
const WIDTH = 220;
const HEIGHT = 44;
const EDGE = 4;

type Figure = {
  name: string;
  of: (run: EarlierRun) => number | undefined;
  text: (value: number) => string;
};

const FIGURES: readonly Figure[] = [
  { name: 'failed cases', of: ({ counts }) => counts.failed, text: String },
  { name: 'flaky cases', of: ({ counts }) => counts.flaky, text: String },
  { name: 'drain, p50', of: ({ drain }) => drain?.p50, text: duration },
  { name: 'drain, p99', of: ({ drain }) => drain?.p99, text: duration },
  {
    name: 'memory a connection',
    of: ({ memoryEach }) => memoryEach,
    text: (bytes) => `${Math.round(bytes)} B`,
  },
  { name: 'time of the run', of: ({ took }) => took, text: duration },
];

/** Figures of the runs so far on the same targets, the newest at the right. Nothing where this is the first. */
export function Trend({
  earlier,
  now,
}: {
  earlier: readonly EarlierRun[];
  now: EarlierRun;
}): JSX.Element | null {
  if (earlier.length === 0) return null;
  const runs = [...earlier, now];
  return (
    <section>
      <h2>
        Trend over the last {runs.length} runs <code>npx lastfin history</code>
      </h2>
      <dl class="trend card">
        {FIGURES.map((figure) => (
          <Line key={figure.name} figure={figure} runs={runs} />
        ))}
      </dl>
    </section>
  );
}

function Line({
  figure: { name, of, text },
  runs,
}: {
  figure: Figure;
  runs: readonly EarlierRun[];
}): JSX.Element | null {
  const values = runs.map(of);
  const known = values.flatMap((value) => value ?? []);
  const last = values.at(-1);
  if (known.length < 2 || last === undefined) return null;
  const most = Math.max(...known, 1);
  const x = (index: number): number => EDGE + (index / (runs.length - 1)) * (WIDTH - 2 * EDGE);
  const y = (value: number): number => HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE);
  const points = values.flatMap((value, index) => (value === undefined ? [] : [{ index, value }]));
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={`${name}: ${known.map(text).join(', ')}`}
        >
          <polyline points={points.map(({ index, value }) => `${x(index)},${y(value)}`).join(' ')} />
          {points.map(({ index, value }) => (
            <circle key={index} cx={x(index)} cy={y(value)} r={index === runs.length - 1 ? 3 : 1.5}>
              <title>{`${text(value)} · ${runs[index]?.started.slice(0, 16).replace('T', ' ')}${commitOf(runs[index])}`}</title>
            </circle>
          ))}
        </svg>
        <span class="figure">{text(last)}</span>
        <Change before={points.at(-2)?.value} now={last} text={text} />
      </dd>
    </div>
  );
}

function Change({
  before,
  now,
  text,
}: {
  before: number | undefined;
  now: number;
  text: Figure['text'];
}): JSX.Element | null {
  if (before === undefined) return null;
  return <span class="dim">{before === now ? 'as before' : `${text(before)} before`}</span>;
}

function commitOf(run: EarlierRun | undefined): string {
  return run?.commit === undefined ? '' : ` · ${run.commit.slice(0, 9)}`;
}
