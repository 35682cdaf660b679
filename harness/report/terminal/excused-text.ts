import { plainLine } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import { wrap } from './wrap.ts';

/** Summary of what the target file excuses, by reason: findings, and things that a rule leaves out of the count. */
export function excusedInWords(results: readonly ReportedCase[], width: number): string[] {
  const excused = new Map<string, { findings: number; ids: Set<string> }>();
  const ignored = new Map<string, Set<string>>();
  for (const { id, excused: some = [], ignored: rules = [] } of results) {
    for (const { reason } of some) {
      const known = excused.get(reason) ?? { findings: 0, ids: new Set() };
      known.findings++;
      known.ids.add(id);
      excused.set(reason, known);
    }
    for (const { name, resource, reason } of rules) {
      const rule = `${resource} by the rule \`${name}\`: ${reason}`;
      ignored.set(rule, (ignored.get(rule) ?? new Set()).add(id));
    }
  }
  const lines = [
    ...[...excused].map(
      ([reason, { findings, ids }]) =>
        `excused by the target file: ${plural(findings, 'finding')} in ${plural(ids.size, 'case')}: ${reason}`,
    ),
    ...[...ignored].map(([rule, ids]) => `ignored in ${plural(ids.size, 'case')}: ${rule}`),
  ];
  return lines.flatMap((line) => {
    const [first = '', ...rest] = wrap(plainLine(line), width - 2);
    return [first, ...rest.map((part) => `  ${part}`)];
  });
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
