import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PACKAGE_ROOT } from '../shared/package-root.ts';

const SOURCE = 'harness/probe/agent/not-leaks.ts';

/** Page of the built-in exclusions: the comment of each predicate is its reason. */
export function neverReportedPage(): string {
  const source = readFileSync(path.join(PACKAGE_ROOT, SOURCE), 'utf8');
  const predicates = [...source.matchAll(/^\/\*\* (.+) \*\/\nexport function (\w+)/gm)];
  const exported = [...source.matchAll(/^export /gm)];
  if (predicates.length !== exported.length)
    throw new Error(`${SOURCE}: an exclusion without its reason in a line`);
  return [
    `# Never reported\n\nThings that Node makes beside a program's own, and why none of them is a finding. Generated from \`${SOURCE}\`: do not edit. A target file\nadds its own with [\`ignore\`](../targets.md#excuses-and-ignore).\n`,
    ...predicates.map(([, reason = '', name = '']) => `## ${inWords(name)}\n\n${reason}\n`),
  ].join('\n');
}

/** A heading out of the name of a function. */
function inWords(name: string): string {
  const text = name
    .replace(/^is(?=[A-Z])/, '')
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
