import type * as z from '../vendor/zod.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { type Issue, type Problem, problemAt, problemsOf, throwProblems } from './problem.ts';
import { checkSchema } from './schema-issues.ts';
import { parseYaml, type YamlSource } from './yaml-source.ts';

/** Kind of file: its schema, and checks beyond that. */
export type FileKind<T> = { schema: z.ZodType<T>; meaning?: (value: T) => Issue[] };

/** Result of reading a file: its value, or its problems. */
export type Read<T> =
  | { ok: true; value: T; source: YamlSource }
  | { ok: false; problems: Problem[]; source: YamlSource };

/** Parses a text, checks its form, then its meaning. Never throws: the problems are those of the first step that finds any. */
export function readYaml<T>(file: string, text: string, { schema, meaning }: FileKind<T>): Read<T> {
  const source = parseYaml(file, text);
  const failed = (problems: Problem[]): Read<T> => ({ ok: false, problems, source });
  if (source.errors.length > 0)
    return failed(source.errors.map(({ message, span }) => problemAt(source, span, message)));
  const checked = checkSchema(schema, source.value);
  const issues = checked.ok ? (meaning?.(checked.value) ?? []) : checked.issues;
  if (!checked.ok || issues.length > 0) return failed(problemsOf(source, issues));
  return { ok: true, value: checked.value, source };
}

/**
 * Reads a file whose value is required.
 *
 * @throws {LastfinError} with the given code, with file:line:column of each problem
 * @example
 * readChecked('proxy.yaml', text, { schema: configSchema, meaning: checkMeaning }, 'LASTFIN_CONFIG_INVALID').value;
 */
export function readChecked<T>(
  file: string,
  text: string,
  kind: FileKind<T>,
  code: ErrorCode,
): { value: T; source: YamlSource } {
  const read = readYaml(file, text, kind);
  if (read.ok) return read;
  throwProblems(code, read.problems);
  throw new Error(`${file} is refused without a problem`);
}
