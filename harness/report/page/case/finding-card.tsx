import type { Finding } from '../../../judge/verdict.ts';
import type { FindingText } from '../../finding-text.ts';
import type { RunData } from '../../html/run-data.ts';
import { AdviceBox } from '../parts/advice-box.tsx';
import { CodeFrame, shows } from '../parts/code-frame.tsx';
import { CodeWords } from '../parts/code-words.tsx';
import { place } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';
import { RetainingPath } from '../parts/retaining-path.tsx';
import { SocketLives } from './socket-lives.tsx';
import { guideOf } from '../../guide/finding-rule.ts';
import { linesOf } from '../../causes.ts';

const MOST_FRAMES = 3;

type Props = { finding: Finding; text: FindingText | undefined; data: RunData };

/** Finding of a case: its line, what keeps it, its facts and the usual fix. */
export function FindingCard({ finding, text, data }: Props): JSX.Element {
  const { lives } = finding;
  // the story of the sockets shows these lines where they belong
  const lines = lives === undefined || finding.kind === 'leak' ? linesOf(finding) : [];
  const [first] = lines;
  const frame = first === undefined ? undefined : data.frames[place(first)];
  // lines near the first one are marked in its code
  const near = lines.filter((line) => first !== undefined && line !== first && shows(frame, line, first));
  const framed = lines.filter((line) => !near.includes(line)).slice(0, MOST_FRAMES);
  const path = finding.kind === 'leak' ? finding.path : undefined;
  const facts = (text?.facts ?? []).filter(
    ({ label }) => label !== 'path' && label !== 'ended' && (label !== 'lines' || lines.length > 1),
  );
  return (
    <section class="card finding">
      <h3>
        <span class="kind">{text?.kind ?? finding.kind}</span>{' '}
        <CodeWords text={text?.message ?? finding.message} />
      </h3>
      {framed.map((line, index) => (
        <CodeFrame key={index} at={line} frame={data.frames[place(line)]} also={index === 0 ? near : []} />
      ))}
      {lives === undefined ? null : <SocketLives finding={finding} lives={lives} data={data} />}
      {path === undefined || path === '' ? null : <RetainingPath path={path} />}
      {facts.length === 0 ? null : (
        <dl class="details">
          {facts.map(({ label, lines: shown, raw }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                {raw === true ? <pre>{shown.join('\n')}</pre> : shown.map((line) => <p key={line}>{line}</p>)}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <AdviceBox advice={guideOf(finding)} />
    </section>
  );
}
