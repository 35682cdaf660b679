import type { FindingText } from '../../finding-text.ts';
import { CodeWords } from '../parts/code-words.tsx';
import { plural } from '../parts/format.ts';
import type { JSX } from '../packages/preact.ts';

/** Findings that follow from others of the case, a line each; their facts stand below when it is opened. */
export function Consequences({ texts }: { texts: readonly FindingText[] }): JSX.Element | null {
  if (texts.length === 0) return null;
  return (
    <section class="card finding follows">
      <h3>{plural(texts.length, 'finding')} that will go with the cause</h3>
      <ul>
        {texts.map(({ kind, message, facts }, index) => (
          <li key={index}>
            <span class="kind">{kind}</span> <CodeWords text={message} />
            {facts
              .filter(({ label }) => label !== 'expected' && label !== 'actual')
              .map(({ label, lines }) => (
                <pre key={label} class="dim">
                  {label}: {lines.join('\n')}
                </pre>
              ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
