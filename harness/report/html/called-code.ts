/**
 * Functions that a listener calls, found in the text of its file: what is missing after an event is mostly missing there, and no stack
 * leads to what was not done.
 */

/** Lines of a function, by number from 1. */
export type FunctionText = { name: string; first: number; last: number };

/** Levels of calls that are followed, and functions in all. */
const DEEPEST = 3;
const MOST = 8;
/** Longest function that is shown whole. */
const LONGEST = 32;

const CALL = /(?:\bthis\.|(?<![\w$.#]))(#?[A-Za-z_$][\w$]*)\s*\(/g;
const NO_FUNCTIONS: ReadonlySet<string> = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'function',
  'return',
  'typeof',
  'await',
  'super',
  'constructor',
]);

/** Functions of the same file that the one at `line` calls, nearest first, and what they call in turn. */
export function calledFrom(lines: readonly string[], line: number): FunctionText[] {
  const found = new Map<string, FunctionText>();
  let level = [{ name: '', ...extent(lines, line) }];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: FunctionText[] = [];
    for (const { first, last } of level) {
      for (const name of namesCalled(lines.slice(first - 1, last))) {
        if (found.size >= MOST || found.has(name)) continue;
        const at = declarationOf(lines, name);
        if (at === undefined || (at >= first && at <= last)) continue;
        const one = { name, ...extent(lines, at) };
        found.set(name, one);
        next.push(one);
      }
    }
    level = next;
  }
  return [...found.values()];
}

/** Finds the lines of a function, from its first to the one that closes it, by their indents. */
function extent(lines: readonly string[], first: number): { first: number; last: number } {
  const head = lines[first - 1] ?? '';
  const indent = /^\s*/.exec(head)?.[0] ?? '';
  if (!/[{(]\s*$/.test(head)) return { first, last: first };
  const most = Math.min(lines.length, first + LONGEST);
  for (let at = first + 1; at <= most; at++) {
    const text = lines[at - 1] ?? '';
    if (text.startsWith(`${indent}}`)) return { first, last: at };
  }
  return { first, last: most };
}

function namesCalled(body: readonly string[]): string[] {
  const code = body.map((text) => text.replace(/\/\/.*$/, ''));
  const names = code.flatMap((text) => [...text.matchAll(CALL)].map(([, name = '']) => name));
  return [...new Set(names)].filter((name) => !NO_FUNCTIONS.has(name));
}

function declarationOf(lines: readonly string[], name: string): number | undefined {
  const word = name.replaceAll('$', String.raw`\$`);
  const modifiers = String.raw`(?:(?:export|default|public|private|protected|static|async|override)\s+)*`;
  const forms = [
    String.raw`^\s*${modifiers}function\*?\s+${word}\s*[(<]`,
    String.raw`^\s*${modifiers}\*?${word}\s*(?:<[^>]*>)?\([^;]*[{(,]\s*$`,
    String.raw`^\s*${modifiers}(?:const|let|var)\s+${word}\b[^=]*=\s*(?:async\s*)?(?:function|\(|[\w$]+\s*=>)`,
    String.raw`^\s*(?:readonly\s+)?${word}\s*=\s*(?:async\s*)?\(.*=>`,
  ].map((form) => new RegExp(form));
  const index = lines.findIndex(
    (text) => forms.some((form) => form.test(text)) && !/^\s*(?:if|for|while|switch|return)\b/.test(text),
  );
  return index === -1 ? undefined : index + 1;
}
