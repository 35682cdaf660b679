import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from '../vendor/yaml.ts';
import { suggestion } from './did-you-mean.ts';

/** Keys and indices from the root of a document to a value in it. */
export type Path = readonly (string | number)[];

/** A stretch of text; all 1-based, `endColumn` is the first column after it. */
export type Span = { line: number; column: number; endLine: number; endColumn: number };

/** A YAML text whose values remember where they were written. */
export type YamlSource = {
  file: string;
  text: string;
  /** Plain JavaScript; `undefined` when the text is not valid YAML. */
  value: unknown;
  /** What is wrong with the YAML itself, in order. */
  errors: { message: string; span: Span }[];
  /** Where `path` was written: its value, or its key. Where there is no such path, the nearest ancestor that exists. */
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
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    stringKeys: true,
    // `silent` would pass over a second document
    logLevel: 'error',
  });
  const spanOf = (start: number, end: number): Span => {
    const from = lineCounter.linePos(start);
    const to = lineCounter.linePos(Math.max(start, end));
    return { line: from.line || 1, column: from.col || 1, endLine: to.line || 1, endColumn: to.col || 1 };
  };
  const errors = [...document.errors, ...document.warnings].map((error) => ({
    message: describeYamlError(error.code, error.message, text, error.pos[0]),
    // The parser points at the first letter only; the word is what one sees.
    span: spanOf(
      error.pos[0],
      error.pos[0] + (/^[^\s:,{}[\]]+/.exec(text.slice(error.pos[0]))?.[0].length ?? 1),
    ),
  }));
  errors.push(...aliasErrors(document, spanOf));
  let value: unknown;
  if (errors.length === 0) {
    try {
      value = document.toJS();
    } catch (error) {
      errors.push({ message: error instanceof Error ? error.message : String(error), span: spanOf(0, 1) });
    }
  }
  return {
    file,
    text,
    value,
    errors: firstOfEachLine(errors),
    locate: (path, part = 'value') => {
      const [start, end] = rangeOf(document, path, part);
      return spanOf(start, end);
    },
  };
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
    // `key:` with nothing after it has a value of no width: the key is what one can point at.
    const own = isNode(next) ? range(next) : undefined;
    here = own === undefined || own[0] === own[1] ? (key ?? here) : own;
    node = next;
  }
  return part === 'key' ? (key ?? here) : here;
}

const range = (node: Node): Range => [node.range?.[0] ?? 0, node.range?.[1] ?? 1];

const keyText = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : String(pair.key));

/** The parser resolves aliases late and without positions, so they are looked at here. */
function aliasErrors(document: Document.Parsed, spanOf: (start: number, end: number) => Span) {
  const errors: YamlSource['errors'] = [];
  const anchors: string[] = [];
  visit(document, {
    Node: (_key, node, ancestors) => {
      if (isAlias(node)) {
        const name = node.source;
        const loop = ancestors.some(
          (ancestor) => isNode(ancestor) && 'anchor' in ancestor && ancestor.anchor === name,
        );
        const span = spanOf(...range(node));
        if (loop) errors.push({ message: `\`*${name}\` stands inside the value it repeats`, span });
        else if (!anchors.includes(name)) {
          errors.push({ message: `no anchor \`&${name}\` before this${suggestion(name, anchors)}`, span });
        }
      } else if (node.anchor !== undefined) anchors.push(node.anchor);
    },
  });
  return errors;
}

function describeYamlError(code: string, message: string, text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1).split('\n', 1)[0] ?? '';
  if (code === 'DUPLICATE_KEY') return 'this key was given before in the same map';
  if (code === 'TAB_AS_INDENT') return 'tabs cannot indent YAML; use spaces';
  if (code === 'MULTIPLE_DOCS') return 'one file holds one document; remove what follows `---`';
  // `${x}` inside { } or [ ] ends at its own brace, and the parser's message would lead nobody there.
  if (/[{[][^"']*\$\{/.test(line)) return 'put quotes around ${…} inside { } or [ ]';
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

/** One slip makes the parser complain several times about the same line; the first is the one to mend. */
function firstOfEachLine(errors: YamlSource['errors']): YamlSource['errors'] {
  const seen = new Set<number>();
  return errors
    .toSorted((a, b) => a.span.line - b.span.line || a.span.column - b.span.column)
    .filter(({ span }) => !seen.has(span.line) && seen.add(span.line));
}
