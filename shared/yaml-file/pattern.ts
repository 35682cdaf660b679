import { RE2JS } from '../vendor/re2js.ts';

/** A regular expression of a file, by its text: it crosses to other processes. */
export type Pattern = { readonly source: string };

/** Texts that a pattern is tried on are cut here: the time is linear, and still a line of a gigabyte would take its time. */
const LONGEST_TEXT = 64 * 1024;

/** A longer pattern is compiled for seconds. */
const LONGEST_PATTERN = 1_000;
/** Instructions of a compiled pattern: the time for each character grows with them. */
const LARGEST_PROGRAM = 2_000;

const compiled = new Map<string, RE2JS>();

/**
 * Reads a regular expression for an engine whose time is linear in the text: what a file says can never hold a run up.
 *
 * @throws {Error} for one that is wrong, too large, or can only be matched by backtracking (lookarounds, back-references)
 * @example
 * matches(readPattern('open=(\\d+)'), 'open=7'); // true
 */
export function readPattern(source: string): Pattern {
  compile(source);
  return { source };
}

/** Whether some part of the text fits. */
export function matches({ source }: Pattern, text: string): boolean {
  return compile(source).test(text.slice(0, LONGEST_TEXT));
}

/** The groups of the first part that fits, by number from 1 and by name; undefined where none does. */
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

/** How many groups it has. */
export function countGroups({ source }: Pattern): number {
  return compile(source).groupCount();
}

function compile(source: string): RE2JS {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  if (source.length > LONGEST_PATTERN)
    throw new Error(`it has ${source.length} characters; ${LONGEST_PATTERN} is the limit`);
  // its own grammar first: the words of its errors are those that people know
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
