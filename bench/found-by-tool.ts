/** Tools that are compared: `noLeaks`, vitest `--detectAsyncLeaks`, Jest `--detectOpenHandles`, why-is-node-running. */
export const TOOLS = ['why', 'jest', 'vitest', 'no-leaks'] as const;
export type Tool = (typeof TOOLS)[number];

/** Head of one finding in a tool's output, with its kind. */
const HEADS: Record<Tool, RegExp> = {
  'no-leaks': /^ *\d+ {2}leak: \d+ (.*?) left/gm,
  vitest: /^(\w+) leaking in /gm,
  jest: /^ *● {2}([A-Z]\w+)$/gm,
  why: /^# (\w+)$/gm,
};

/** Leak is found with its line, or more of a kind is found than of the mended program, or nothing. */
export type Found = 'line' | 'other line' | '';

/** Judges a tool's output for one program. @param line file and line of the leak */
export function whatIsFound(
  tool: Tool,
  { output, mended, line }: { output: string; mended: string; line: string },
): Found {
  const counts = kindsOf(tool, output);
  if (counts.size === 0) return '';
  if (new RegExp(String.raw`\b${line.replaceAll('.', String.raw`\.`)}\b`).test(output)) return 'line';
  const usual = kindsOf(tool, mended);
  return [...counts].some(([kind, count]) => count > (usual.get(kind) ?? 0)) ? 'other line' : '';
}

/** Line of the leak, as the program says it; a remark on a line of its own means the one above. */
export function lineOfLeak(text: string): number {
  const lines = text.split('\n');
  const index = lines.findIndex((one) => one.includes('// leak: '));
  return lines[index]?.trim().startsWith('//') === true ? index : index + 1;
}

function kindsOf(tool: Tool, output: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, kind = ''] of output.matchAll(HEADS[tool])) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
