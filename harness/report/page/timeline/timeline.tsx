import type { Entry } from '../../../journal/entry.ts';
import { duration } from '../parts/format.ts';
import { parameter } from '../state/route.ts';
import { type JSX, useState } from '../packages/preact.ts';
import { useSignal } from '../packages/signals.ts';
import { CountChart } from './count-chart.tsx';
import { LanesView } from './lanes-view.tsx';
import { LogView } from './log-view.tsx';
import { type TimelineModel, timelineOf } from '../reading/model.ts';
import { PhaseStrip } from './phase-strip.tsx';
import { type ViewState, viewState } from './view-state.ts';

/** Timeline of a case, on one axis: phases, faults, connections, counts, and what the target said. */
export function Timeline({ entries }: { entries: readonly Entry[] }): JSX.Element {
  const [model] = useState(() => timelineOf(entries));
  const [state] = useState(() => {
    const made = viewState(model.action);
    // `&t=284` in the address: the moment is shown, and marked
    const at = Number(parameter('t'));
    if (parameter('t') !== '' && at >= 0 && at <= model.end) {
      made.cursor.value = at;
      if (at < model.action[0] || at > model.action[1]) made.zoom.value = [0, model.end];
    }
    return made;
  });
  if (model.phases.length === 0) return <p class="dim">The case did not come to its first phase.</p>;
  return (
    <div class="card timeline">
      <ZoomBar model={model} state={state} />
      <PhaseStrip model={model} state={state} />
      <LanesView model={model} state={state} />
      {model.charts.map((chart) => (
        <CountChart key={chart.name} chart={chart} model={model} state={state} />
      ))}
      <LogView entries={entries} state={state} />
    </div>
  );
}

function ZoomBar({ model, state }: { model: TimelineModel; state: ViewState }): JSX.Element {
  const { zoom, cursor } = state;
  const all = useSignal<[number, number]>([0, model.end]);
  const views: [string, [number, number]][] = [
    ['Events', model.action],
    ['Judged round', model.round],
    ['Whole case', all.value],
  ];
  const [from, to] = zoom.value;
  return (
    <div class="zoom">
      <div class="chips" role="group" aria-label="Visible time">
        {views.map(([name, range]) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={range[0] === from && range[1] === to}
            onClick={() => {
              zoom.value = range;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <span class="dim figure">
        {duration(from)} – {duration(to)}
        {cursor.value === undefined ? '' : ` · at ${Math.round(cursor.value * 10) / 10} ms`}
      </span>
      <span class="dim hint">Drag to zoom, double-click for all</span>
    </div>
  );
}
