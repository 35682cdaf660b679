import { LastfinError } from '../../shared/errors/lastfin-error.ts';

/** A node of a syntax tree (ESTree with TypeScript), with its place in the source. */
export type SyntaxNode = { type: string; start: number; end: number } & Record<string, unknown>;

/**
 * Parses TypeScript source.
 *
 * @throws {LastfinError} `LASTFIN_USAGE` where the parser is not installed: it comes with the repository, not with the package
 */
export async function loadParser(): Promise<(source: string, file: string) => SyntaxNode> {
  try {
    const { parseAst } = await import('rolldown/parseAst');
    return (source, file) => parseAst(source, { lang: 'ts' }, file) as unknown as SyntaxNode;
  } catch (cause) {
    const message = 'mutants are generated in the repository only: the parser (rolldown) is not installed';
    throw new LastfinError('LASTFIN_USAGE', message, { cause });
  }
}

/** Calls `visit` for a node and all below it, outermost first; types are passed over. `visit` returns false to stay out of a node. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parents: readonly SyntaxNode[]) => boolean | void,
  parents: readonly SyntaxNode[] = [],
): void {
  if (node.type.startsWith('TS') && !HOLDS_VALUE.has(node.type)) return;
  if (visit(node, parents) === false) return;
  const below = [...parents, node];
  for (const value of Object.values(node)) {
    for (const child of [value].flat()) if (isNode(child)) walk(child, visit, below);
  }
}

/** Nodes of TypeScript around an expression. */
const HOLDS_VALUE: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
]);

/** Tells whether a value out of a syntax tree is a node of it. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
