/** A test for case ids: `*` stands for any text, everything else (brackets too) for itself. */
export function casePattern(pattern: string): (id: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (id) => expression.test(id);
}
