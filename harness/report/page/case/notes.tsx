import type { ReportedCase } from '../../reported-case.ts';
import { duration, place } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';

/** Notes on a case: excused findings, blind spots and warnings of Node. */
export function Notes({ result }: { result: ReportedCase }): JSX.Element | null {
  const { excused = [], ignored = [], blind = [], warnings = [], opaque, advanced } = result;
  const notes: [string, string[]][] = [
    ['Excused by the target file', excused.map(({ reason, finding }) => `${finding.message} (${reason})`)],
    [
      'Ignored by the target file',
      ignored.map(({ count, resource, name, reason }) => `${count} ${resource} (${name}: ${reason})`),
    ],
    [
      'Warnings of Node.js',
      warnings.map(
        ({ text, count, where }) =>
          `${text}${count === 1 ? '' : ` (${count} times)`}${where[0] === undefined ? '' : `, at ${place(where[0])}`}`,
      ),
    ],
    [
      'Clocks that did not notice that time passed',
      (advanced?.notShifted ?? []).map((one) => `${one} (${duration(advanced?.ms ?? 0)} let pass)`),
    ],
    ['Not seen', [...blind, ...(opaque === undefined ? [] : [`bytes: ${opaque}`])]],
  ];
  const shown = notes.filter(([, lines]) => lines.length > 0);
  if (shown.length === 0) return null;
  return (
    <section>
      <h2>Also</h2>
      <div class="card">
        {shown.map(([title, lines]) => (
          <div key={title} class="note-block">
            <h3>{title}</h3>
            <ul>
              {lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}
