import { live, underWay } from './state/run.ts';
import type { JSX } from './vendor/preact.ts';

const MOST = 4;

/** What a run that goes on is at; nothing in a file. */
export function LiveLine(): JSX.Element | null {
  switch (live.value) {
    case undefined:
      return null;
    case 'ended':
      return <p class="live ended">The run has ended. The report is in the reports folder: report.html.</p>;
    case 'lost':
      return <p class="live ended">The run does not answer any more. This is what it said last.</p>;
    case 'running': {
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
  }
}
