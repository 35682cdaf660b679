import { isNode, type SyntaxNode, walk } from './parse-source.ts';

/** A small change of a source file, made by rule. */
export type Mutation = {
  file: string;
  /** offsets of the replaced text */
  start: number;
  end: number;
  text: string;
  /** line of the change, from 1 */
  line: number;
  /** description of the change, for a report: `drop \`stopTimer();\`` */
  what: string;
};

/** Operators, each with the one that replaces it. */
const OPERATORS: Readonly<Record<string, string>> = {
  '&&': '||',
  '||': '&&',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
};

/**
 * Mistakes that a hand could make in a source, one at a time: a statement is left out, a condition is turned around, an operator, a number
 * or a constant is another one. Mistakes that end the program at once, or that only a type would forbid, are not made.
 */
export function mutationsOf(file: string, source: string, tree: SyntaxNode): Mutation[] {
  const found: Mutation[] = [];
  const add = (node: SyntaxNode, text: string, what: string): void => {
    const line = source.slice(0, node.start).split('\n').length;
    found.push({ file, start: node.start, end: node.end, text, line, what });
  };
  const textOf = ({ start, end }: SyntaxNode): string => source.slice(start, end);
  walk(tree, (node, parents) => {
    switch (node.type) {
      case 'ImportDeclaration':
        return false;
      case 'ExpressionStatement':
        if (canBeDropped(node, parents)) add(node, blank(textOf(node)), `drop \`${short(textOf(node))}\``);
        return;
      case 'IfStatement':
      case 'ConditionalExpression': {
        const { test } = node;
        if (!isNode(test)) return;
        add(test, `!(${textOf(test)})`, `negate \`${short(textOf(test))}\``);
        return;
      }
      case 'LogicalExpression':
      case 'BinaryExpression':
        return exchangeOperator(node, textOf, add);
      case 'Literal':
        return changeLiteral(node, parents, add);
      default:
    }
  });
  return found;
}

/** Text of a source file with the mutation applied. */
export function mutate(source: string, { start, end, text }: Mutation): string {
  return source.slice(0, start) + text + source.slice(end);
}

/** Whether a statement can be left out. Not an assignment in a constructor: everybody misses it at once, which proves nothing. */
function canBeDropped({ expression }: SyntaxNode, parents: readonly SyntaxNode[]): boolean {
  if (!isNode(expression) || expression.type === 'Literal') return false;
  const isSetUp = expression.type === 'AssignmentExpression';
  return !(
    isSetUp && parents.some(({ type, kind }) => type === 'MethodDefinition' && kind === 'constructor')
  );
}

/** Pads a replacement to as many lines as before: the lines of findings stay those of the source. */
function blank(text: string): string {
  return `;${'\n'.repeat(text.split('\n').length - 1)}`;
}

type Add = (node: SyntaxNode, text: string, what: string) => void;

function exchangeOperator(node: SyntaxNode, textOf: (node: SyntaxNode) => string, add: Add): void {
  const { left, right, operator } = node;
  if (!isNode(left) || !isNode(right) || typeof operator !== 'string') return;
  const other = OPERATORS[operator];
  if (other === undefined || [left, right].some(isText)) return;
  const between = { ...node, start: left.end, end: right.start };
  add(
    between,
    textOf(between).replace(operator, other),
    `\`${operator}\` becomes \`${other}\` in \`${short(textOf(node))}\``,
  );
}

const isText = ({ type, value }: SyntaxNode): boolean =>
  type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string' && value.length === 0);

/** Constants that stand for each other: a wrong one is well-formed, and wrong. */
const WORDS: Readonly<Record<string, string>> = {
  both: 'incoming',
  incoming: 'outgoing',
  outgoing: 'incoming',
  in: 'out',
  out: 'in',
  normal: 'error',
  shutdown: 'normal',
  sni_mismatch: 'error',
  pending_overflow: 'error',
  rejected_limit: 'rejected_ip',
  rejected_ip: 'rejected_limit',
  inactivity: 'max_lifetime',
  max_lifetime: 'inactivity',
  half_open_timeout: 'inactivity',
  etimedout: 'econnreset',
  econnreset: 'etimedout',
};

function changeLiteral(node: SyntaxNode, parents: readonly SyntaxNode[], add: Add): void {
  const { value, raw } = node;
  const parent = parents.at(-1);
  if (parent?.['key'] === node || parent?.type === 'ExpressionStatement') return;
  if (typeof value === 'number') {
    const other = value > 1 ? value / 2 : 1 - value;
    return add(node, String(other), `\`${String(raw)}\` becomes \`${other}\``);
  }
  if (typeof value === 'boolean') return add(node, String(!value), `\`${value}\` becomes \`${!value}\``);
  if (typeof value !== 'string' || !Object.hasOwn(WORDS, value)) return;
  add(node, `'${WORDS[value]}'`, `\`${value}\` becomes \`${WORDS[value]}\``);
}

/** Describes a mutation in a line, for a report. */
function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
}
