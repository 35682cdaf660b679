import { live, underWay } from './state/run.ts';
import type { JSX } from './packages/preact.ts';

const MOST = 4;

/** Line of a run that goes on, with the cases under way; nothing in a file. */
export function LiveLine(): JSX.Element | null {
  if (live.value === undefined) return null;
  if (live.value !== 'running') {
    const how =
      live.value === 'ended'
        ? 'The run has ended. The report is in the reports folder: report.html.'
        : 'The run does not answer any more. This is what it said last.';
    return <p class="live ended">{how}</p>;
  }
  const cases = underWay.value;
  return (
    <p class="live" role="status">
      <span class="pulse" aria-hidden="true" />
      {cases.length === 0 ? 'The run goes on' : 'Running'}
      {cases.slice(0, MOST).map(({ id, phase }) => (
        <span key={id} class="under-way">
          <code>{id}</code> {phase}
        </span>
      ))}
      {cases.length > MOST ? ` and ${cases.length - MOST} more` : ''}
    </p>
  );
}
