import type { RunData } from '../html/run-data.ts';
import { live, underWay } from './state/run.ts';
import type { JSX } from './packages/preact.ts';

const MOST = 4;

const ENDED = {
  ended:
    'The run has ended, and this view with it. The whole report is in the reports folder: latest/report.html.',
  stays: 'The run has ended. This view stays until the command is stopped.',
  lost: 'The run does not answer any more. This is what it said last.',
};

/** Line of a run that goes on, with the cases under way; nothing in a file. */
export function LiveLine({ data: { rows, planned } }: { data: RunData }): JSX.Element | null {
  if (live.value === undefined) return null;
  if (live.value !== 'running') return <p class="live ended">{ENDED[live.value]}</p>;
  const cases = underWay.value;
  return (
    <p class="live" role="status">
      <span class="pulse" aria-hidden="true" />
      <span class="figure">
        {rows.length} of {planned ?? rows.length} cases
      </span>
      {cases.slice(0, MOST).map(({ id, phase }) => (
        <span key={id}>
          <code>{id}</code> {phase}
        </span>
      ))}
      {cases.length > MOST ? `and ${cases.length - MOST} more` : ''}
    </p>
  );
}
