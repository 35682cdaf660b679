import type { Entry } from '../../../journal/entry.ts';
import { plural } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';
import { useSignal } from '../packages/signals.ts';
import { logOf } from '../reading/log.ts';
import type { ViewState } from './view-state.ts';

/** Output of the target in the visible time, or all of it. */
export function LogView({
  entries,
  state,
}: {
  entries: readonly Entry[];
  state: ViewState;
}): JSX.Element | null {
  const everything = useSignal(false);
  const lines = logOf(entries);
  if (lines.length === 0) return null;
  const [from, to] = state.zoom.value;
  const shown = everything.value ? lines : lines.filter(({ t }) => t >= from && t <= to);
  const at = state.cursor.value;
  const near = at === undefined ? -1 : shown.findLastIndex(({ t }) => t <= at);
  return (
    <div class="log">
      <h4>
        the target’s output{' '}
        <label>
          <input
            type="checkbox"
            checked={everything.value}
            onChange={({ currentTarget }) => {
              everything.value = currentTarget.checked;
            }}
          />{' '}
          of the whole case
        </label>
      </h4>
      {shown.length === 0 ? (
        <p class="dim">Nothing in the visible time; {plural(lines.length, 'line')} in the whole case.</p>
      ) : (
        <ol>
          {shown.map(({ t, stream, text }, index) => (
            <li key={index} class={`${stream}${index === near ? ' near' : ''}`}>
              <span class="figure">{t.toFixed(1)}</span>
              <span class="text">{text}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
