import type { JSX } from '../packages/preact.ts';

/** Text with words between backticks as code; links of Markdown become their text. */
export function CodeWords({ text }: { text: string }): JSX.Element {
  const parts = text.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1').split('`');
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}
