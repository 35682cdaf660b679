import type { JSX } from '../packages/preact.ts';
import { CopyButton } from './copy.tsx';

/** Shell command with a button that copies it. */
export function Command({ text }: { text: string }): JSX.Element {
  return (
    <div class="command">
      <code>{text}</code>
      <CopyButton text={() => text}>Copy</CopyButton>
    </div>
  );
}
