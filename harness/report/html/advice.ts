import type { Finding } from '../../judge/verdict.ts';
import type { Advice } from './run-data.ts';

/**
 * Reads the page of findings (docs/findings.md): the usual cause and the fix of each kind, by resource, invariant or kind.
 */
export function readAdvice(page: string): Record<string, Advice> {
  const sections = page.matchAll(/^### (`.+`)\n([^]*?)(?=^##|$(?![^]))/gm);
  return Object.fromEntries(
    [...sections].flatMap(([, heading = '', text = '']) => {
      const cause = item(text, 'Cause');
      const fix = item(text, 'Fix');
      const name = heading.replaceAll('`', '').split(' ').at(-1);
      return name === undefined || cause === undefined || fix === undefined ? [] : [[name, { cause, fix }]];
    }),
  );
}

function item(text: string, name: string): string | undefined {
  const found = new RegExp(`^- \\*\\*${name}:\\*\\* ([^]*?)(?=\\n- |\\n\\n|$(?![^]))`, 'm').exec(text);
  return found?.[1]?.replaceAll(/\s+/g, ' ').trim();
}

/** Key of a finding's advice. */
export function adviceKey(finding: Finding): string {
  if (finding.kind === 'leak') return finding.resource;
  return finding.kind === 'invariant' ? finding.invariant : finding.kind;
}
