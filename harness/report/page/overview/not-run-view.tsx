import type { RunData } from '../../html/run-data.ts';
import { CodeWords } from '../parts/code-words.tsx';
import { CopyButton } from '../parts/copy.tsx';
import { plural } from '../parts/format.ts';
import { caseAddress } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';

const MOST = 12;

/** Cases that were skipped, by reason, and those that do not apply; with what to add for more of them. */
export function NotRunView({ data }: { data: RunData }): JSX.Element {
  const { notApplicable, wouldRun } = data.run;
  const reasons = byReason(data);
  return (
    <>
      <h1>Not run</h1>
      {reasons.size === 0 && notApplicable.cases === 0 && wouldRun === undefined ? (
        <p class="empty">Every case was run.</p>
      ) : null}
      {wouldRun === undefined ? null : (
        <section class="card">
          <h2>
            {plural(wouldRun.cases, 'more case')} would run with {wouldRun.settings.join(', ')}
          </h2>
          <p>Add to the target file what your program can do:</p>
          <div class="command">
            <pre>{wouldRun.yaml}</pre>
            <CopyButton text={() => wouldRun.yaml}>Copy</CopyButton>
          </div>
        </section>
      )}
      {reasons.size === 0 ? null : <Skipped reasons={reasons} />}
      {notApplicable.cases === 0 ? null : (
        <section>
          <h2>{plural(notApplicable.cases, 'case')} for other kinds of programs</h2>
          <table class="card">
            <tbody>
              {notApplicable.reasons.map(({ reason, cases }) => (
                <tr key={reason}>
                  <td class="figure">{cases}</td>
                  <td>
                    <CodeWords text={reason} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

function Skipped({ reasons }: { reasons: ReadonlyMap<string, string[]> }): JSX.Element {
  return (
    <section>
      <h2>Skipped here</h2>
      {[...reasons].map(([reason, ids]) => (
        <details key={reason} class="card reason">
          <summary>
            <span class="figure">{plural(ids.length, 'case')}</span> <CodeWords text={reason} />
          </summary>
          <ul>
            {ids.slice(0, MOST).map((id) => (
              <li key={id}>
                <a href={caseAddress(id)}>{id}</a>
              </li>
            ))}
            {ids.length > MOST ? <li class="dim">and {ids.length - MOST} more</li> : null}
          </ul>
        </details>
      ))}
    </section>
  );
}

function byReason({ rows }: RunData): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { id, verdict, note = 'no reason given' } of rows) {
    if (verdict === 'skipped') reasons.set(note, [...(reasons.get(note) ?? []), id]);
  }
  return new Map([...reasons].toSorted(([, a], [, b]) => b.length - a.length));
}
