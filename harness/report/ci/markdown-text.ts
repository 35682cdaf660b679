import { plainLine, plainText } from '../plain-text.ts';

/**
 * Text of others as Markdown shows it, on one line: no markup, no HTML, no links, no mentions.
 *
 * @example
 * markdownText('<b> *x* |'); // '&lt;b&gt; \\*x\\* \\|'
 */
export function markdownText(text: string): string {
  return (
    plainLine(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll(/[\\`*_[\]#|~$]|^[-+=]/g, String.raw`\$&`)
      // mentions, references to issues and bare links; a joiner of width zero keeps them text
      .replaceAll('@', '@\u2060')
      .replaceAll(/:\/\//g, ':\u2060//')
      .replaceAll(/\bwww\./gi, 'www\u2060.')
      .replaceAll(/^(\d+)([.)])/g, String.raw`$1\$2`)
  );
}

/** Text of others as code on one line; within a table its bars are escaped, too. */
export function markdownCode(text: string, { table = false } = {}): string {
  const line = table ? plainLine(text).replaceAll('|', String.raw`\|`) : plainLine(text);
  if (line === '') return '';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/** Text of others as a block of code, whose fence is longer than any in it. */
export function markdownBlock(text: string): string {
  const lines = plainText(text).trimEnd();
  const longest = Math.max(2, ...[...lines.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${lines}\n${fence}`;
}
