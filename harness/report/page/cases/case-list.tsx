import type { Row } from '../../html/run-data.ts';
import { duration } from '../parts/format.ts';
import { VerdictMark } from '../parts/verdict.tsx';
import { chosen } from '../state/keyboard.ts';
import { caseAddress } from '../state/route.ts';
import { type JSX, useEffect, useLayoutEffect, useRef, useState } from '../packages/preact.ts';

/** Height of a row, as the style has it. */
const HEIGHT = 48;
/** Rows beyond the window that are there before they are scrolled to. */
const AROUND = 12;

/** List of cases. Only the rows in the window are in the document: thousands scroll as a few do. */
export function CaseList({ rows }: { rows: readonly Row[] }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const [[from, to], setWindow] = useState<[number, number]>([0, 60]);
  useLayoutEffect(() => {
    const look = (): void => {
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / HEIGHT) - AROUND);
      const last = Math.ceil((innerHeight - top) / HEIGHT) + AROUND;
      setWindow(([a, b]) => (a === first && b === last ? [a, b] : [first, last]));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look, { passive: true });
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [rows]);
  const at = chosen.value;
  useEffect(() => {
    if (at < 0 || list.current === null) return;
    const top = list.current.getBoundingClientRect().top + at * HEIGHT;
    if (top < 64) scrollBy(0, top - 64);
    else if (top + HEIGHT > innerHeight) scrollBy(0, top + HEIGHT - innerHeight);
  }, [at]);
  if (rows.length === 0) return <p class="empty">No case fits.</p>;
  return (
    <>
      <div class="list-head" aria-hidden="true">
        <span class="figure">drain</span>
        <span class="figure">took</span>
      </div>
      <div class="list card" ref={list} style={{ height: `${rows.length * HEIGHT}px` }}>
        {rows.slice(from, to).map((row, index) => (
          <CaseRow key={row.id} row={row} place={from + index} />
        ))}
      </div>
    </>
  );
}

function CaseRow({ row, place }: { row: Row; place: number }): JSX.Element {
  const { id, scenario, verdict, note, drain, took, fidelity, attempts } = row;
  const cell = id.startsWith(scenario) ? id.slice(scenario.length) : '';
  return (
    <a
      class={chosen.value === place ? 'row chosen' : 'row'}
      href={caseAddress(id)}
      style={{ top: `${place * HEIGHT}px` }}
    >
      <VerdictMark verdict={verdict} />
      <span class="name">
        <span class="id">
          {cell === '' ? (
            id
          ) : (
            <>
              {scenario}
              <span class="dim">{cell}</span>
            </>
          )}
        </span>
        {note === undefined ? null : <span class="note">{note}</span>}
      </span>
      <span class="facts">
        {attempts === undefined ? null : <span class="tag">{attempts} attempts</span>}
        {fidelity === undefined ? null : <span class="tag">{fidelity}</span>}
      </span>
      <span class="figure" title="until the target was back at its baseline">
        {drain === undefined ? '–' : duration(drain)}
      </span>
      <span class="figure dim" title="time of the whole case">
        {duration(took)}
      </span>
    </a>
  );
}
