import { duration } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';
import type { TimelineModel } from '../reading/model.ts';
import type { ViewState } from './view-state.ts';

/** Strips of phases and faults, over the lanes. */
export function PhaseStrip({ model, state }: { model: TimelineModel; state: ViewState }): JSX.Element {
  const [from, to] = state.zoom.value;
  const share = (t: number): number => Math.min(Math.max((t - from) / (to - from), 0), 1) * 100;
  const visible = <T extends { from: number; to: number }>(spans: readonly T[]): T[] =>
    spans.filter((span) => span.to >= from && span.from <= to);
  const faults = visible(model.faults);
  return (
    <>
      <div class="strip">
        <span class="label">phases</span>
        <div class="spans">
          {visible(model.phases).map(({ phase, round, from: start, to: end }) => (
            <span
              key={`${phase} ${start}`}
              class={`span phase-${phase}`}
              style={{ left: `${share(start)}%`, width: `${share(end) - share(start)}%` }}
              title={`${phase}${round > 1 ? `, round ${round}` : ''}: ${duration(end - start)}, from ${duration(start)}`}
            >
              {phase}
            </span>
          ))}
        </div>
      </div>
      {faults.map(({ label, fidelity, from: start, to: end, missed }, index) => (
        <div class="strip fault-strip" key={index}>
          <span class="label">{index === 0 ? 'faults' : ''}</span>
          <div class="spans">
            <span
              class={start === end ? 'fault moment' : 'fault'}
              style={{ left: `${share(start)}%`, width: `${share(end) - share(start)}%` }}
            />
            <span
              class={share(start) > 60 ? 'fault-name before' : 'fault-name'}
              style={{
                [share(start) > 60 ? 'right' : 'left']:
                  `${share(start) > 60 ? 100 - share(start) : share(start)}%`,
              }}
            >
              {label} <span class="dim">{missed ? 'never came' : fidelity}</span>
            </span>
          </div>
        </div>
      ))}
    </>
  );
}
