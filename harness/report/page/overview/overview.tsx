import type { RunData } from '../../html/run-data.ts';
import { duration, plural } from '../parts/format.ts';
import { filterAddress } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';
import { CauseCard } from './cause-card.tsx';
import { Slowest } from './slowest.tsx';
import { Trend } from './trend.tsx';
import { VerdictBar } from './verdict-bar.tsx';

/** First view: the outcome, and the causes, the most frequent first. */
export function Overview({ data }: { data: RunData }): JSX.Element {
  const { run, rows, thinned } = data;
  const red = run.counts.failed + run.counts.error + run.counts.flaky > 0;
  return (
    <>
      <section class="hero">
        <h1 class={red ? 'bad' : 'good'}>{run.summary}</h1>
        <p class="dim">
          {plural(rows.length, 'case')} in {duration(run.took)} · <Targets data={data} /> · seed {run.seed} ·{' '}
          <time dateTime={run.started}>{when(run.started)}</time> · lastfin {run.lastfin}, Node.js {run.node},{' '}
          {run.platform}
        </p>
        <VerdictBar counts={run.counts} />
        <Notes data={data} />
      </section>
      {run.causes.length === 0 ? (
        <section class="empty">
          <p>
            {red
              ? 'No cause in the target was found.'
              : 'Every connection ended, and nothing was left behind.'}
          </p>
        </section>
      ) : (
        <section>
          <h2>{plural(run.causes.length, 'cause')}, most frequent first</h2>
          {run.causes.map((cause, index) => (
            <CauseCard key={cause.fingerprint} cause={cause} number={index + 1} data={data} />
          ))}
        </section>
      )}
      <Slowest rows={rows} />
      {data.trend === undefined ? null : <Trend earlier={data.trend.earlier} now={data.trend.now} />}
      {thinned === 0 ? null : (
        <p class="dim">
          {plural(thinned, 'case')} without a timeline: their journals would make this file too large, and lie
          beside it in <code>journal/</code>.
        </p>
      )}
    </>
  );
}

function Targets({ data }: { data: RunData }): JSX.Element {
  const targets = [...new Set(data.rows.map(({ target }) => target))];
  const [first, ...others] = targets;
  return (
    <>
      {first === undefined ? 'no target' : <code>{first}</code>}
      {others.length === 0 ? '' : ` and ${plural(others.length, 'other target')}`}
    </>
  );
}

function Notes({ data: { run } }: { data: RunData }): JSX.Element {
  const notes = [
    ...(run.broken === undefined ? [] : [`The run broke off: ${run.broken}`]),
    ...(run.interrupted ? ['The run was interrupted: some cases did not run.'] : []),
    ...(run.bailed === undefined
      ? []
      : [`Ended by --bail: ${plural(run.bailed.notRun, 'case')} did not run.`]),
    ...(run.lab?.why === undefined
      ? []
      : [
          `On the machine's own network: ${run.lab.why}${run.lab.fix === undefined ? '' : `. To change that: ${run.lab.fix}`}`,
        ]),
  ];
  return (
    <>
      {notes.map((note) => (
        <p key={note} class="notice">
          {note}
        </p>
      ))}
      {run.counts.error === 0 ? null : (
        <p class="notice">
          <a href={filterAddress({ verdict: 'error' })}>{plural(run.counts.error, 'case')}</a> could not be
          judged: the lab failed, which is never the target’s fault.
        </p>
      )}
    </>
  );
}

function when(started: string): string {
  const date = new Date(started);
  if (Number.isNaN(date.getTime())) return started;
  return date.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}
