import { readFileSync } from 'node:fs';

/** File of the ten leaks, which real runners run. */
export const TEN_LEAKS = 'test/programs/tests/ten-leaks.cjs';

/** Leaking line of each of its functions. */
export const linesOfLeaks: ReadonlyMap<string, number> = readLines();

function readLines(): Map<string, number> {
  const lines = new Map<string, number>();
  for (const [index, text] of readFileSync(TEN_LEAKS, 'utf8').split('\n').entries()) {
    const [, name] = /^ {2}'?([\w-]+)'?: (?:async )?\(\) =>/.exec(text) ?? [];
    if (name !== undefined && !lines.has(name)) lines.set(name, 0);
    if (lines.size > 0 && text.includes('// leak: ')) lines.set([...lines.keys()].at(-1) ?? '', index + 1);
  }
  return lines;
}
