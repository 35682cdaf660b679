import type { Position, SocketLife, SocketStep } from '../../../probe/protocol.ts';
import { endOf, telling } from '../../finding/life-lines.ts';
import type { Finding } from '../../../judge/verdict.ts';
import type { RunData } from '../../html/run-data.ts';
import { CodeFrame } from '../parts/code-frame.tsx';
import { duration, place, plural } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';

const MOST_FRAMES = 4;
const ASKING: ReadonlySet<string> = new Set(['error', 'end', 'timeout', 'close']);

type Row = SocketStep & { life: SocketLife };

type Props = { finding: Finding; lives: readonly SocketLife[]; data: RunData };

/** Shows the steps of both sockets of a connection that ended wrongly, in order; the calls that ended them with their code. */
export function SocketLives({ finding, lives, data }: Props): JSX.Element {
  const rows = lives
    .flatMap((life) => life.steps.map((step): Row => ({ ...step, life })))
    .toSorted((a, b) => a.at - b.at);
  const first = rows.find(({ kind }) => kind === 'ended');
  const asking = rows.filter(
    ({ kind, what, where }) => kind === 'came' && ASKING.has(what) && where.length > 0,
  );
  // ends are counted and logged when the socket has closed
  const isCount = (first === undefined && finding.kind !== 'leak') || finding.kind === 'invariant';
  const focus = isCount
    ? asking.find(({ what }) => what === 'close')
    : asking.findLast(({ at, what }) => at <= (first?.at ?? Infinity) && what !== 'close');
  const start = rows[0]?.at ?? 0;
  const left = lives.filter((life) => life.open && endOf(life) === undefined);
  return (
    <figure class="lives">
      <figcaption>
        How such a connection lived in the target{' '}
        <span class="dim">
          ({lives.map(({ count, side }) => plural(count, `${side} socket`)).join(', ')}; seen when the case
          was run again with its sockets followed)
        </span>
      </figcaption>
      <ol>
        {rows.map((row, index) => (
          <li key={index} class={row.kind === 'ended' ? 'ended' : ''}>
            <span class="when">{duration(row.at - start)}</span>
            <span class={`side ${row.life.side}`}>{row.life.side}</span>
            <div>
              <Step step={row} data={data} />
              {row.kind === 'ended' ? <Stack step={row} data={data} isOpen={row === first} /> : null}
              {asking.includes(row) ? <Called step={row} data={data} isOpen={row === focus} /> : null}
            </div>
          </li>
        ))}
        {left.map(({ side, steps }, index) => (
          <li key={`left ${index}`} class="ended">
            <span class="when" />
            <span class={`side ${side}`}>{side}</span>
            <div>
              <p>
                <strong>No call of the program ended it.</strong> {lastOf(steps)}
              </p>
              <Listeners step={steps.findLast(({ where }) => where.length > 0)} data={data} />
            </div>
          </li>
        ))}
      </ol>
    </figure>
  );
}

function lastOf(steps: readonly SocketStep[]): string {
  const last = steps.findLast(({ kind }) => kind === 'came');
  if (last === undefined) return 'Nothing came on it.';
  const heard = last.where.length === 0 ? 'nobody listened to it' : 'its listeners did not end it';
  return `The last that came was ‘${last.what}’: ${heard}.`;
}

function Listeners({ step, data }: { step: SocketStep | undefined; data: RunData }): JSX.Element | null {
  return step === undefined ? null : <Frames where={step.where.slice(0, 2)} data={data} />;
}

function Step({
  step: { kind, what, detail, where },
  data,
}: {
  step: SocketStep;
  data: RunData;
}): JSX.Element {
  const extra = detail === undefined ? null : <span class="dim"> {detail}</span>;
  if (kind === 'came')
    return (
      <p>
        ‘{what}’{extra}
        {where.length === 0 ? (
          <span class="dim"> – nobody listens</span>
        ) : (
          <Places where={where} data={data} />
        )}
      </p>
    );
  return (
    <p>
      <code>{what}</code>
      {extra}
      {where.length === 0 ? (
        <span class="dim"> – by Node.js itself</span>
      ) : kind === 'ended' ? null : (
        <Places where={where.slice(0, 1)} data={data} />
      )}
    </p>
  );
}

/** Places with the code of their line, where it is known. */
function Places({ where, data }: { where: readonly Position[]; data: RunData }): JSX.Element {
  return (
    <span class="places">
      {where.map((one) => {
        const frame = data.frames[place(one)];
        const code = frame?.lines[frame.line - frame.first]?.trim();
        return (
          <span key={place(one)}>
            {' '}
            <code class="dim">{place(one)}</code>
            {code === undefined ? null : <code class="code">{code}</code>}
          </span>
        );
      })}
    </span>
  );
}

/** Stack of the call that ended a socket. Of a second one, which mostly follows from the first, the code is folded. */
function Stack({ step, data, isOpen }: { step: SocketStep; data: RunData; isOpen: boolean }): JSX.Element {
  const lines = telling(step);
  const usual = step.usual ?? 0;
  const list = (
    <ol class="stack">
      {step.where.map((one, index) => (
        <li key={index} class={index < usual && usual < step.where.length ? 'dim' : ''}>
          <code>{place(one)}</code> {one.name ?? ''}
          {index === step.reason ? <strong> – names the reason</strong> : null}
        </li>
      ))}
    </ol>
  );
  return (
    <>
      {list}
      <details open={isOpen}>
        <summary>Code that led to it</summary>
        <Frames where={lines.slice(0, MOST_FRAMES)} data={data} />
      </details>
    </>
  );
}

/** Code of the functions that the first listener of an event calls. */
function Called({
  step,
  data,
  isOpen,
}: {
  step: SocketStep;
  data: RunData;
  isOpen: boolean;
}): JSX.Element | null {
  const [listener] = step.where;
  const frame = listener === undefined ? undefined : data.frames[place(listener)];
  const calls = frame?.calls ?? [];
  if (listener === undefined || frame === undefined || calls.length === 0) return null;
  return (
    <details open={isOpen}>
      <summary>What its listener does</summary>
      <CodeFrame at={listener} frame={frame} />
      {calls.map(({ key, name }) => {
        const called = data.frames[key];
        if (called === undefined) return null;
        return (
          <CodeFrame
            key={key}
            at={{ file: listener.file, line: called.first, column: 1, name }}
            frame={called}
          />
        );
      })}
    </details>
  );
}

function Frames({ where, data }: { where: readonly Position[]; data: RunData }): JSX.Element {
  return (
    <>
      {where.map((one) => {
        const frame = data.frames[place(one)];
        return frame === undefined ? null : <CodeFrame key={place(one)} at={one} frame={frame} />;
      })}
    </>
  );
}
