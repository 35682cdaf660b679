import type { Cause } from '../../cause.ts';
import type { RunData } from '../../html/run-data.ts';
import { FINDING_GUIDE } from '../../guide/finding-guide.ts';
import { AdviceBox } from '../parts/advice-box.tsx';
import { RetainingPath } from '../parts/retaining-path.tsx';
import { CodeFrame, shows } from '../parts/code-frame.tsx';
import { CodeWords } from '../parts/code-words.tsx';
import { Command } from '../parts/command.tsx';
import { Siblings } from '../parts/siblings.tsx';
import { place, plural } from '../parts/format.ts';
import { caseAddress, filterAddress } from '../state/route.ts';
import type { JSX } from '../packages/preact.ts';

const MOST_LINES = 6;

type Props = { cause: Cause; number: number; data: RunData };

/** Mistake to fix: its line, the number of cases, the smallest of them, and the usual fix. */
export function CauseCard({ cause, number, data }: Props): JSX.Element {
  const { kind, message, lines, joined, cases, smallest, consequences, fingerprint, sample, path } = cause;
  const [first, ...others] = lines;
  const frame = first === undefined ? undefined : data.frames[place(first)];
  const near = first === undefined ? [] : others.filter((line) => shows(frame, line, first));
  return (
    <article class="card cause">
      <div class="head">
        <span class="number">{number}</span>
        <h3>
          <span class="kind">
            {kind === 'invariant' ? `${fingerprint.split(' ')[1] ?? ''} invariant` : kind}
          </span>{' '}
          <CodeWords text={message} />
        </h3>
        <a class="cases" href={filterAddress({ cause: fingerprint, verdict: '', kind: '', area: '', q: '' })}>
          {plural(cases, 'case')}
        </a>
      </div>
      {joined.map((one) => (
        <p key={one.fingerprint} class="joined">
          with <CodeWords text={one.message} />
        </p>
      ))}
      {first === undefined ? null : <CodeFrame at={first} frame={frame} also={near} />}
      {others.length === 0 ? null : (
        <ul class="lines">
          {others.slice(0, MOST_LINES).map((line) => (
            <li key={place(line)}>
              <code>{place(line)}</code> {line.name === undefined ? '' : <span class="dim">{line.name}</span>}
            </li>
          ))}
          {others.length > MOST_LINES ? <li class="dim">and {others.length - MOST_LINES} more</li> : null}
        </ul>
      )}
      {path !== undefined ? (
        <RetainingPath path={path} />
      ) : sample !== undefined && first === undefined ? (
        <p class="dim">{sample}</p>
      ) : null}
      <AdviceBox advice={FINDING_GUIDE[ruleOf(cause)]} />
      <p class="links">
        Begin with <a href={caseAddress(smallest.id)}>{smallest.id}</a>
        {smallest.connections === undefined ? '' : `, ${plural(smallest.connections, 'connection')}`}
        {consequences.length === 0 ? null : (
          <span class="dim">
            {' '}
            · what follows from it: {consequences.map((one) => `${one.kind} in ${one.cases}`).join(', ')}
          </span>
        )}
      </p>
      <Siblings id={smallest.id} rows={data.rows} />
      {smallest.rerun === undefined ? null : <Command text={smallest.rerun} />}
    </article>
  );
}

/** Name of the kind of finding: a cause has its resource or invariant at the beginning of its fingerprint. */
function ruleOf({ kind, fingerprint }: Cause): string {
  const [first = '', second = ''] = fingerprint.split(' ');
  if (kind === 'leak') return `leak/${first}`;
  return kind === 'invariant' ? `invariant/${second}` : kind;
}
