/**
 * Compiles a pattern for ids: `*` stands for any text. Linear in both lengths.
 *
 * @example
 * casePattern('faults/*reset*')('faults/client-reset[phase=idle]'); // true
 */
export function casePattern(pattern: string): (id: string) => boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return (id) => id === first;
  return (id) => {
    const end = id.length - last.length;
    if (!id.startsWith(first) || !id.endsWith(last) || end < first.length) return false;
    let from = first.length;
    for (const part of parts) {
      const at = id.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return from <= end;
  };
}

/**
 * Quick test for scenario files: false if no case of the scenario can match a pattern, so that its file need not be read.
 *
 * @example
 * mayHold(['faults/mixed[a=1]', 'http/ke*'])('http/keep-alive'); // true
 */
export function mayHold(patterns: readonly string[]): (scenario: string) => boolean {
  const starts = patterns.map((pattern) => pattern.replace(/[*[].*$/, ''));
  return (scenario) => starts.some((start) => scenario.startsWith(start));
}
