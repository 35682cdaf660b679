import { isExempt } from '../exit-code.ts';
import { plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import { wrap } from './wrap.ts';

/** Summary of the known findings: cases that do not fail for them, exceptions that have expired, and findings that are gone. */
export function knownInWords({ known, results }: RunReport, width: number): string[] {
  const exempt = results.filter(isExempt).length;
  const lines = [
    ...(exempt === 0
      ? []
      : [
          `known: ${plural(exempt, 'case')} that did not pass, and ${exempt === 1 ? 'does' : 'do'} not fail the run`,
        ]),
    ...expired(results),
    ...(known?.gone ?? []).map(
      ({ target, identity }) =>
        `known in ${known?.file}, and no longer there: ${identity} (${target}); --prune-known removes it`,
    ),
  ];
  return lines.flatMap((line) => {
    const [first = '', ...rest] = wrap(plainLine(line), width - 2);
    return [first, ...rest.map((part) => `  ${part}`)];
  });
}

function expired(results: RunReport['results']): string[] {
  const lines = results.flatMap(({ findings, quarantined, id }) => [
    ...findings.flatMap(({ known, message }) =>
      known?.expired === true
        ? [`expired on ${known.expires} (${known.owner}: ${known.reason}): ${message}`]
        : [],
    ),
    ...(quarantined?.expired === true
      ? [`quarantine expired on ${quarantined.expires} (${quarantined.owner}: ${quarantined.reason}): ${id}`]
      : []),
  ]);
  return [...new Set(lines)];
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
