import { RE2JS } from '../vendor/re2js.ts';

/** Regular expression from a file, as text, since it is passed to other processes. */
export type Pattern = { readonly source: string };

/** Length at which tried texts are cut: the time is linear, but a line of a gigabyte would still be slow. */
const LONGEST_TEXT = 64 * 1024;

/** Most characters of a pattern: a longer one takes seconds to compile. */
const LONGEST_PATTERN = 1_000;
/** Most instructions of a compiled pattern: the time for each character grows with them. */
const LARGEST_PROGRAM = 2_000;

const compiled = new Map<string, RE2JS>();

/**
 * Reads a regular expression for an engine with linear time, so that no file can hold up a run.
 *
 * @throws {Error} for a pattern that is wrong, too large, or needs backtracking (lookarounds, back-references)
 * @example
 * matches(readPattern('open=(\\d+)'), 'open=7'); // true
 */
export function readPattern(source: string): Pattern {
  compile(source);
  return { source };
}

/** Whether some part of the text matches. */
export function matches({ source }: Pattern, text: string): boolean {
  return compile(source).test(text.slice(0, LONGEST_TEXT));
}

/** Groups of the first match, by number from 1 and by name; undefined if there is none. */
export function groupsIn(
  { source }: Pattern,
  text: string,
): { numbered: (string | undefined)[]; named: Record<string, string | undefined> } | undefined {
  const pattern = compile(source);
  const matcher = pattern.matcher(text.slice(0, LONGEST_TEXT));
  if (!matcher.find()) return undefined;
  const numbered = Array.from(
    { length: matcher.groupCount() },
    (_, index) => matcher.group(index + 1) ?? undefined,
  );
  const named = Object.entries(pattern.namedGroups()).map(
    ([name, number]) => [name, numbered[number - 1]] as const,
  );
  return { numbered, named: Object.fromEntries(named) };
}

/** Number of groups in a pattern. */
export function countGroups({ source }: Pattern): number {
  return compile(source).groupCount();
}

function compile(source: string): RE2JS {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  if (source.length > LONGEST_PATTERN)
    throw new Error(`it has ${source.length} characters; ${LONGEST_PATTERN} is the limit`);
  // JavaScript's own grammar first: people know its error messages
  RegExp(source, 'u');
  const backtracks =
    BACKTRACKS.exec(source.replaceAll(ESCAPED, '').replaceAll(CLASS, ''))?.[0] ??
    BACK_REFERENCE.exec(source)?.[0];
  if (backtracks !== undefined)
    throw new Error(
      `\`${backtracks}\` can only be matched by backtracking, which may take for ever: write it without`,
    );
  const pattern = translate(source);
  if (pattern.programSize() > LARGEST_PROGRAM) throw new Error('its repeats make it too large');
  compiled.set(source, pattern);
  return pattern;
}

function translate(source: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(why.replace(/^error parsing regexp: /, ''), { cause: error });
  }
}

const BACKTRACKS = /\(\?<?[=!]/;
const BACK_REFERENCE = /(?<!\\)(?:\\\\)*(\\(?:[1-9]|k<))/;
const ESCAPED = /\\./g;
const CLASS = /\[[^\]]*\]/g;
