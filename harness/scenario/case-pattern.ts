/** A test for case ids: `*` stands for any text, everything else (brackets too) for itself. */
export function casePattern(pattern: string): (id: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (id) => expression.test(id);
}

/**
 * A quick test for scenario files: false where no case of the scenario can match one of the patterns, so that its file need not be read.
 *
 * @example
 * mayHold(['faults/mixed[a=1]', 'http/ke*'])('http/keep-alive'); // true
 */
export function mayHold(patterns: readonly string[]): (scenario: string) => boolean {
  const starts = patterns.map((pattern) => pattern.replace(/[*[].*$/, ''));
  return (scenario) => starts.some((start) => scenario.startsWith(start));
}
