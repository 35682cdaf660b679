import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Coverage of a script by V8: for each function the ranges of its source and how often they ran. */
type ScriptCoverage = {
  url: string;
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
};

/** Parts of a source file that ran, as offsets [from, to). */
export type Ran = readonly (readonly [from: number, to: number])[];

/**
 * Reads what V8 has written for the processes of one run (`NODE_V8_COVERAGE`): the parts of each source below `base` that ran. Positions are those of
 * the sources where these were only stripped of their types.
 */
export async function readCoverage(folder: string, base: string): Promise<Map<string, Ran>> {
  const ran = new Map<string, [number, number][]>();
  for (const name of await readdir(folder)) {
    const text = await readFile(path.join(folder, name), 'utf8');
    const { result } = JSON.parse(text) as { result: ScriptCoverage[] };
    for (const { url, functions } of result) {
      if (!url.startsWith('file:')) continue;
      const file = path.relative(base, fileURLToPath(url)).replace(/\.js$/, '.ts');
      if (file.startsWith('..')) continue;
      const parts = ran.get(file) ?? [];
      ran.set(file, parts);
      parts.push(...innermost(functions.flatMap(({ ranges }) => ranges)));
    }
  }
  return ran;
}

/** Whether a place in a source ran. */
export function hasRun(ran: Ran | undefined, at: number): boolean {
  return ran?.some(([from, to]) => from <= at && at < to) ?? false;
}

type Ranges = ScriptCoverage['functions'][number]['ranges'];

/** Parts that ran, told by the innermost range around each place: ranges are nested, those of functions too. */
function innermost(ranges: Ranges): [number, number][] {
  let parts: [number, number][] = [];
  const outerFirst = ranges.toSorted(
    (one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset,
  );
  for (const { startOffset, endOffset, count } of outerFirst) {
    parts = parts.flatMap(([from, to]): [number, number][] => {
      if (to <= startOffset || from >= endOffset) return [[from, to]];
      const rest: [number, number][] = [
        [from, Math.min(to, startOffset)],
        [Math.max(from, endOffset), to],
      ];
      return rest.filter(([one, other]) => one < other);
    });
    if (count > 0) parts.push([startOffset, endOffset]);
  }
  return parts;
}
