import * as z from '../vendor/zod.ts';
import { printableWord } from '../errors/printable.ts';
import { suggestion } from './did-you-mean.ts';
import type { Issue } from './problem.ts';
import { YAML_LIMITS } from './yaml-limits.ts';
import type { Path } from './yaml-source.ts';

export type Checked<T> = { ok: true; value: T } | { ok: false; issues: Issue[] };

/**
 * Validates a value and reports problems in the terms of the file, not in zod's: unknown keys one by one, each with the key that was
 * probably meant.
 */
export function checkSchema<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  // zod's finished issues do not contain the known keys of an object; the raw ones here do
  const knownKeys = new Map<string, string[]>();
  const result = schema.safeParse(value, {
    error: (raw) => {
      if (raw.code === 'unrecognized_keys') knownKeys.set(raw.keys.join(), keysOf(raw.inst));
      return undefined;
    },
  });
  if (result.success) return { ok: true, value: result.data };
  return {
    ok: false,
    issues: result.error.issues
      .slice(0, YAML_LIMITS.problems)
      .flatMap((issue) => explain(issue, value, knownKeys))
      .slice(0, YAML_LIMITS.problems),
  };
}

/** Known keys of an object, by its unknown keys. */
type KnownKeys = ReadonlyMap<string, string[]>;

function keysOf(schema: unknown): string[] {
  if (schema instanceof z.ZodRecord) {
    return schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : [];
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function explain(issue: z.core.$ZodIssue, root: unknown, knownKeys: KnownKeys, above: Path = []): Issue[] {
  const path = [...above, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  const given = valueAt(root, path);
  const name = nameOf(path);
  const must = (what: string): Issue[] => [{ path, message: `${name} must be ${what}, not ${show(given)}` }];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys.get(issue.keys.join()) ?? [];
      return issue.keys.slice(0, YAML_LIMITS.problems).map((key) => unknownKey(path, key, given, known));
    }
    case 'invalid_union':
      if (issue.discriminator !== undefined) {
        return [unknownWord(path, root, 'options' in issue ? (issue.options ?? []).map(String) : [])];
      }
      return explainForms(issue, path, root, knownKeys);
    case 'invalid_type':
      return given === undefined || given === null
        ? sentence(path, given, '')
        : must(typeWord(issue.expected));
    case 'invalid_value': {
      if (given === undefined || given === null) return sentence(path, given, '');
      const values = issue.values.map(String);
      const hint = typeof given === 'string' ? suggestion(given, values) : `; known: ${values.join(', ')}`;
      return [{ path, message: `${name} cannot be ${show(given)}${hint}` }];
    }
    case 'invalid_key':
      return [{ path, part: 'key', message: `${name} ${issue.issues[0]?.message ?? issue.message}` }];
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string') {
        return [{ path, part: 'key', message: `${name} must not be empty` }];
      }
      return must(`${issue.minimum} or more`);
    case 'too_big':
      return must(`${issue.maximum} or less`);
    default:
      return sentence(path, given, issue.message);
  }
}

/** Explains why none of several forms fits: for the one that was meant, if its type tells, else for all. */
function explainForms(
  { errors, message }: z.core.$ZodIssueInvalidUnion,
  path: Path,
  root: unknown,
  knownKeys: KnownKeys,
): Issue[] {
  const given = valueAt(root, path);
  // a map or a list is none of a list of words
  const isWord = typeof given !== 'object' || given === null;
  const ofType = errors.map((form) =>
    form.find(
      ({ path: at, code }) =>
        at.length === 0 && (code === 'invalid_type' || (code === 'invalid_value' && !isWord)),
    ),
  );
  const meant = errors[ofType.indexOf(undefined)];
  if (meant !== undefined) return meant.flatMap((one) => explain(one, root, knownKeys, path));
  if (message !== GENERIC || given === undefined) return sentence(path, given, message);
  const types = ofType.flatMap((one) => (one?.code === 'invalid_type' ? [typeWord(one.expected)] : []));
  return sentence(path, given, `must be ${[...new Set(types)].join(' or ')}, not ${show(given)}`);
}

/** Message of zod for a union without a message of its own. */
const GENERIC = 'Invalid input';

/** Makes the sentence of an issue: messages of schemas begin with `must`; an absent value is reported as absent. */
function sentence(path: Path, given: unknown, message: string): Issue[] {
  const name = nameOf(path);
  if (given === undefined) return [{ path: path.slice(0, -1), part: 'key', message: `${name} is missing` }];
  if (given === null) return [{ path, part: 'key', message: `${name} has no value` }];
  return [{ path, message: `${name} ${message}` }];
}

function unknownKey(path: Path, key: string, given: unknown, known: string[]): Issue {
  const place = path.length === 0 ? '' : ` in ${nameOf(path)}`;
  const at: Issue = { path: [...path, key], part: 'key', message: '' };
  const tag = TAGS.find((candidate) => known[0] === candidate);
  if (tag === undefined) return { ...at, message: `unknown key \`${key}\`${place}${suggestion(key, known)}` };
  const first = isRecord(given) ? Object.keys(given)[0] : undefined;
  if (first === key) return { ...at, message: `\`${key}\` takes no value: write it without the colon` };
  return { ...at, message: `one ${tag} at a time: \`${key}\` must be an item of its own` };
}

/** Tags that `byKey` adds to tell the forms of a one-key map apart; never written in a file. */
const TAGS = ['step', 'state', 'trigger'] as const;

function unknownWord(path: Path, root: unknown, known: string[]): Issue {
  const tag = String(path.at(-1));
  const holder = path.slice(0, -1);
  const given = valueAt(root, holder);
  if (typeof given === 'string') {
    return { path: holder, message: `unknown ${tag} \`${given}\`${suggestion(given, known)}` };
  }
  const written = isRecord(given) && Object.hasOwn(given, tag) && !TAGS.some((one) => one === tag);
  const word = isRecord(given) ? (written ? given[tag] : Object.keys(given)[0]) : undefined;
  if (written || (TAGS.some((one) => one === tag) && word !== undefined)) {
    const at: Issue = written
      ? { path, message: '' }
      : { path: [...holder, String(word)], part: 'key', message: '' };
    return { ...at, message: `unknown ${tag} \`${String(word)}\`${suggestion(String(word), known)}` };
  }
  return { path: holder, message: `${nameOf(holder)} needs \`${tag}\`: one of ${known.join(', ')}` };
}

/** Path as text: `client[1].send`, in back-quotes. */
export function nameOf(path: Path): string {
  if (path.length === 0) return 'the file';
  const name = path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
  return `\`${name}\``;
}

/** Value as a message shows it. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a map';
  return typeof value === 'string' ? `\`${printableWord(value)}\`` : String(value);
}

function typeWord(expected: string): string {
  const words: Record<string, string> = {
    array: 'a list',
    object: 'a map',
    record: 'a map',
    string: 'text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    null: 'null',
  };
  return words[expected] ?? expected;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
