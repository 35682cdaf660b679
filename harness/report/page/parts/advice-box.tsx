import type { JSX } from '../packages/preact.ts';
import { CodeWords } from './code-words.tsx';

/** Usual cause of a kind of finding, and its fix. */
export function AdviceBox({
  advice,
}: {
  advice: { cause: string; fix: string } | undefined;
}): JSX.Element | null {
  if (advice === undefined) return null;
  return (
    <dl class="advice">
      <dt>Usual cause</dt>
      <dd>
        <CodeWords text={advice.cause} />
      </dd>
      <dt>How to fix</dt>
      <dd>
        <CodeWords text={advice.fix} />
      </dd>
    </dl>
  );
}
