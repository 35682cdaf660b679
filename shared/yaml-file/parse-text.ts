import { type CST, Composer, type Document, Lexer, type LineCounter, Parser } from '../vendor/yaml.ts';
import { YAML_LIMITS } from './yaml-limits.ts';

/** Offsets in the text; `end` is exclusive. */
export type Range = readonly [start: number, end: number];

/** Mistake in the YAML itself. */
export type YamlError = { message: string; range: Range };

type Parsed = { document: Document.Parsed | undefined; errors: YamlError[] };

/**
 * Parses a text within {@link YAML_LIMITS}. Beyond them there is no document: parser and readers recurse over its depth, and an
 * exhausted stack can end the process.
 */
export function parseText(text: string, lineCounter: LineCounter): Parsed {
  lineCounter.addNewLine(0);
  const refused = (message: string, at: number): Parsed => ({
    document: undefined,
    errors: [{ message, range: [at, at + 1] }],
  });
  if (text.length > YAML_LIMITS.text)
    return refused(`the file has ${text.length} characters; ${YAML_LIMITS.text} is the limit`, 0);
  const unreadable = UNREADABLE.exec(text);
  if (unreadable !== null) {
    for (let at = text.indexOf('\n'); at !== -1 && at < unreadable.index; at = text.indexOf('\n', at + 1))
      lineCounter.addNewLine(at + 1);
    return refused(describeCharacter(unreadable[0]), unreadable.index);
  }
  const parser = new Parser(lineCounter.addNewLine);
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > YAML_LIMITS.depth + 2)
      return refused(`more than ${YAML_LIMITS.depth} lists and maps within each other`, parser.offset - 1);
    if (++count > 4 * YAML_LIMITS.values)
      return refused(`the file has more than ${YAML_LIMITS.values} values`, parser.offset);
  }
  for (const token of parser.end()) tokens.push(token);
  const [document, second] = compose(tokens, text.length);
  const errors: YamlError[] = [];
  if (second !== undefined) {
    const [at] = second.range;
    errors.push({ message: describeYamlError('MULTIPLE_DOCS', '', text, at), range: [at, at + 3] });
  }
  const found = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  for (const { code, message, pos } of found.slice(0, MOST_ERRORS)) {
    const [at] = pos;
    // the parser points at the first letter only, but the whole word is underlined
    const word = /^[^\s:,{}[\]]+/.exec(text.slice(at, at + LONGEST_WORD))?.[0].length ?? 1;
    errors.push({ message: describeYamlError(code, message, text, at), range: [at, at + word] });
  }
  return { document, errors };
}

/** First two documents of a text: a second one is a mistake. */
function compose(tokens: Iterable<CST.Token>, end: number): Document.Parsed[] {
  const { stackTraceLimit } = Error;
  // the parser creates an error for each mistake, and nobody reads their stacks
  Error.stackTraceLimit = 0;
  try {
    const composer = new Composer({
      prettyErrors: false,
      stringKeys: true,
      logLevel: 'error',
      uniqueKeys: false,
    });
    const documents: Document.Parsed[] = [];
    for (const document of composer.compose(tokens, true, end)) {
      documents.push(document);
      if (documents.length === 2) break;
    }
    return documents;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Most errors of one text that are described: a message shows only a few lines. */
const MOST_ERRORS = 500;
const LONGEST_WORD = 100;
/** Characters around an error that its description is taken from. */
const NEAR = 200;

/** Characters that YAML forbids; text in UTF-16 is full of NUL. */
// oxlint-disable-next-line no-control-regex
const UNREADABLE = /[\0-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFD-\uFFFF]/;

function describeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  if (code === 'FFFD') return 'text that is not UTF-8: save the file as UTF-8';
  if (code === '0000') return 'a NUL character: the file must be text in UTF-8';
  return `the control character U+${code} cannot stand in a file; write it as an escape in double quotes`;
}

function describeYamlError(code: string, message: string, text: string, at: number): string {
  if (code === 'TAB_AS_INDENT') return 'tabs cannot indent YAML; use spaces';
  if (code === 'MULTIPLE_DOCS') return 'one file holds one document; remove what follows `---`';
  // `${x}` inside { } or [ ] ends at its own brace, and the parser's message would mislead
  if (opensBeforeVariable(text, at)) return 'put quotes around ${…} inside { } or [ ]';
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

/** Whether the line has `${` after a bracket, with no quote between them. */
function opensBeforeVariable(text: string, at: number): boolean {
  const start = Math.max(text.lastIndexOf('\n', at - 1) + 1, at - NEAR);
  const end = text.indexOf('\n', start);
  const line = text.slice(start, Math.min(end === -1 ? text.length : end, start + 2 * NEAR));
  let open = false;
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    if (open && character === '$' && line.charAt(index + 1) === '{') return true;
    if (character === '{' || character === '[') open = true;
    else if (character === '"' || character === "'") open = false;
  }
  return false;
}
