import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter } from '../vendor/yaml.ts';
import type { Document, Node, Pair } from '../vendor/yaml.ts';
import { aliasAndKeyErrors } from './duplicate-keys-and-aliases.ts';
import { countValues } from './values/count-values.ts';
import { parseText, type YamlError } from './parse-text.ts';
import { YAML_LIMITS } from './yaml-limits.ts';

/** Keys and indices from the root of a document to a value in it. */
export type Path = readonly (string | number)[];

/** Range of text; all 1-based, `endColumn` is exclusive. */
export type Span = { line: number; column: number; endLine: number; endColumn: number };

/** YAML text whose values remember where they were written. */
export type YamlSource = {
  file: string;
  text: string;
  /** Plain JavaScript; `undefined` if the text is not valid YAML. */
  value: unknown;
  /** Mistakes in the YAML itself, in order. */
  errors: { message: string; span: Span }[];
  /** Finds where `path` was written: its value, or its key. For a missing path: the nearest ancestor that exists. */
  locate: (path: Path, part?: 'key' | 'value') => Span;
};

/**
 * Parses YAML and keeps the position of every key and value. Never throws: problems are in `errors`.
 *
 * @example
 * parseYaml('x.yaml', 'client: [open]').locate(['client', 0]); // { line: 1, column: 10, … }
 */
export function parseYaml(file: string, text: string): YamlSource {
  const lineCounter = new LineCounter();
  const spanOf = (start: number, end: number): Span => {
    const from = lineCounter.linePos(start);
    const to = lineCounter.linePos(Math.max(start, end));
    return { line: from.line || 1, column: from.col || 1, endLine: to.line || 1, endColumn: to.col || 1 };
  };
  const { document, errors } = parseText(text, lineCounter);
  let value: unknown;
  if (document !== undefined && errors.length === 0) {
    errors.push(...aliasAndKeyErrors(document, YAML_LIMITS.problems));
    if (errors.length === 0) value = toValue(document, errors);
  }
  const spanned = errors.map(({ message, range: [start, end] }) => ({ message, span: spanOf(start, end) }));
  return {
    file,
    text,
    value,
    errors: firstOfEachLine(spanned).slice(0, YAML_LIMITS.problems),
    locate: (path, part = 'value') => {
      const [start, end] = document === undefined ? [0, 1] : rangeOf(document, path, part);
      return spanOf(start, end);
    },
  };
}

/** Converts to plain JavaScript; adds an error if aliases repeat more than a file may hold. */
function toValue(document: Document.Parsed, errors: YamlError[]): unknown {
  let value: unknown;
  let message: string | undefined;
  try {
    value = document.toJS();
    const most = YAML_LIMITS.values;
    if (countValues(value, most) > most) message = `the file has more than ${most} values`;
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
  }
  if (message === undefined) return value;
  errors.push({ message, range: [0, 1] });
  return undefined;
}

type Range = readonly [start: number, end: number];

function rangeOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): Range {
  let node: unknown = document.contents;
  let key: Range | undefined;
  let here: Range = isNode(node) ? range(node) : [0, 1];
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => keyText(item) === String(step));
      if (pair === undefined) return key ?? here;
      key = isNode(pair.key) ? range(pair.key) : here;
      next = pair.value;
    } else if (isSeq(node) && node.items[Number(step)] !== undefined) {
      key = undefined;
      next = node.items[Number(step)];
    } else {
      return key ?? here;
    }
    // a key with nothing after it has a value of no width: point at the key
    const own = isNode(next) ? range(next) : undefined;
    here = own === undefined || own[0] === own[1] ? (key ?? here) : own;
    node = next;
  }
  return part === 'key' ? (key ?? here) : here;
}

const range = (node: Node): Range => [node.range?.[0] ?? 0, node.range?.[1] ?? 1];

const keyText = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : String(pair.key));

/** Keeps the first error of each line: one mistake makes the parser complain several times. */
function firstOfEachLine(errors: YamlSource['errors']): YamlSource['errors'] {
  const seen = new Set<number>();
  return errors
    .toSorted((a, b) => a.span.line - b.span.line || a.span.column - b.span.column)
    .filter(({ span }) => !seen.has(span.line) && seen.add(span.line));
}
