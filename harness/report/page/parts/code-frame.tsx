import type { Frame } from '../../html/run-data.ts';
import type { JSX } from '../packages/preact.ts';
import { place } from './format.ts';
import { tokens } from './tokens.ts';

type Position = { file: string; line: number; column: number; name?: string };

type Props = { at: Position; frame: Frame | undefined; also?: readonly Position[] };

/** Line of the program, with the code around it where the sources were there; `also`: other lines to mark in it. */
export function CodeFrame({ at, frame, also = [] }: Props): JSX.Element {
  return (
    <figure class="frame">
      <figcaption>
        <code>{place(at)}</code>
        {at.name === undefined || at.name === '' ? null : <span class="dim">in {at.name}</span>}
      </figcaption>
      {frame === undefined ? null : (
        <pre>
          {frame.lines.map((text, index) => (
            <Line
              key={index}
              number={frame.first + index}
              text={text}
              frame={frame}
              also={also.some(({ line }) => line === frame.first + index)}
            />
          ))}
        </pre>
      )}
    </figure>
  );
}

type LineProps = { number: number; text: string; frame: Frame; also: boolean };

function Line({ number, text, frame, also }: LineProps): JSX.Element {
  const isIt = number === frame.line;
  return (
    <div class={isIt ? 'line it' : also ? 'line also' : 'line'}>
      <span class="number">{number}</span>
      <span class="text">
        {tokens(text).map(({ kind, text: part }, index) =>
          kind === undefined ? (
            part
          ) : (
            <span key={index} class={kind}>
              {part}
            </span>
          ),
        )}
        {isIt && text.length >= frame.column ? (
          <span class="caret" aria-hidden="true">
            {`\n${text.slice(0, frame.column - 1).replaceAll(/[^\t]/g, ' ')}^`}
          </span>
        ) : null}
      </span>
    </div>
  );
}

/** Whether a frame shows a line. */
export function shows(frame: Frame | undefined, at: Position, { file }: Position): boolean {
  if (frame === undefined || file !== at.file) return false;
  return at.line >= frame.first && at.line < frame.first + frame.lines.length;
}
