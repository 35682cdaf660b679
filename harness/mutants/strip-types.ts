import path from 'node:path';

import { transformSync } from '@swc/wasm-typescript';

/** A source file without its types, ready to run, and the source map that names the source. */
export type Stripped = { code: string; map: string };

/**
 * Replaces the types of a TypeScript source by spaces, so that every line and column stays where it is, and lets relative imports name
 * the `.js` files. The map is needed for the file's name only.
 *
 * @param file name of the source, such as `proxy/connection/intake.ts`
 * @throws {Error} for source that is not TypeScript, or has syntax that is more than types (`enum`, `namespace`): what, and where
 * @example
 * stripTypes('proxy/connection/intake.ts', "import { a } from './a.ts'; const b: number = a;").code;
 * // "import { a } from './a.js'; const b         = a;", and the name of the map
 */
export function stripTypes(file: string, source: string): Stripped {
  const code = blankTypes(file, source).replaceAll(/((?:from |import\()'\.[^'\n]*)\.ts'/g, "$1.js'");
  const name = path.basename(file);
  const js = name.replace(/\.ts$/, '.js');
  const map = { version: 3, file: js, sources: [name], names: [], mappings: identity(code) };
  return { code: `${code}\n//# sourceMappingURL=${js}.map\n`, map: JSON.stringify(map) };
}

function blankTypes(file: string, source: string): string {
  try {
    return transformSync(source, { mode: 'strip-only', filename: file }).code;
  } catch (thrown) {
    // the compiler throws plain objects
    const { message, startLine, snippet } = thrown as Record<string, unknown>;
    throw new Error(`${file}:${String(startLine)}: ${String(message)}\n${String(snippet)}`, {
      cause: thrown,
    });
  }
}

/** Mappings of a text onto itself: a segment for each word and sign, where the positions in stacks and heap snapshots point. */
function identity(text: string): string {
  let line = 0;
  let column = 0;
  return text
    .split('\n')
    .map((words, index) => {
      let before = 0;
      return [...words.matchAll(/[\w$]+|[^\w\s]/g)]
        .map(({ index: at }) => {
          const segment = `${vlq(at - before)}A${vlq(index - line)}${vlq(at - column)}`;
          [before, line, column] = [at, index, at];
          return segment;
        })
        .join(',');
    })
    .join(';');
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A number in the form of source maps: five bits a digit, lowest first, the sign in the lowest bit. */
function vlq(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = '';
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += DIGITS[rest > 0 ? digit + 32 : digit] ?? '';
  } while (rest > 0);
  return text;
}
