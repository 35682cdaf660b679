import { plural } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';
import { useSignal } from '../packages/signals.ts';
import { LanesCanvas } from './lanes-canvas.tsx';
import { Legend } from './legend.tsx';
import type { TimelineModel } from '../reading/model.ts';
import type { ViewState } from './view-state.ts';

/** Connections that are drawn before one asks for all. */
const FIRST = 20;

/** Swim lanes: client, target and upstream of each connection of a round. */
export function LanesView({ model, state }: { model: TimelineModel; state: ViewState }): JSX.Element | null {
  const rounds = [...new Set(model.lanes.map(({ round }) => round))];
  const chosen = useSignal(rounds.includes(1) ? 1 : (rounds[0] ?? 0));
  const all = useSignal(false);
  if (rounds.length === 0) return null;
  const lanes = model.lanes.filter(({ round }) => round === chosen.value);
  const shown = all.value ? lanes : lanes.slice(0, FIRST);
  return (
    <div class="lanes">
      <div class="lanes-head">
        <Legend />
        {rounds.length < 2 ? null : (
          <select
            aria-label="Round"
            value={chosen.value}
            onChange={({ currentTarget }) => {
              chosen.value = Number(currentTarget.value);
              const spans = model.phases.filter(({ round }) => round === chosen.value);
              if (chosen.value !== 1 && spans.length > 0) state.zoom.value = [0, model.end];
              else state.zoom.value = model.action;
            }}
          >
            {rounds.map((round) => (
              <option key={round} value={round}>
                {round === 0 ? 'warm-up' : round === 1 ? 'judged round' : `round ${round}, to confirm`}
              </option>
            ))}
          </select>
        )}
      </div>
      {model.timed ? null : (
        <p class="dim">This journal has no times of connections: marks say how each ended, not when.</p>
      )}
      <LanesCanvas model={model} lanes={shown} state={state} />
      {shown.length === lanes.length ? null : (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            all.value = true;
          }}
        >
          Show all {plural(lanes.length, 'connection')}
        </button>
      )}
    </div>
  );
}
