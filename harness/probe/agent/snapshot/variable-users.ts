/**
 * Functions that use a variable. V8 lets each function of a scope hold all variables that any of them needs, so the function that a heap
 * snapshot finds first may have nothing to do with the variable, and may differ between runs.
 */
import type { HeapGraph } from './heap-graph.ts';
import type { Inspection } from '../base/inspection.ts';
import type { Chain } from './retention.ts';

// oxlint-disable-next-line typescript/unbound-method -- called with `call`; the function's own may be the program's
const textOf = Function.prototype.toString;

export class VariableUsers {
  readonly #graph: HeapGraph;
  readonly #inspection: Inspection;
  #closures: Map<number, number[]> | undefined;
  #functions: { callback: CallableFunction; text: string }[] | undefined;
  readonly #texts = new Map<string, Map<string, string>>();
  readonly #known = new Map<string, number[]>();

  constructor(graph: HeapGraph, inspection: Inspection) {
    this.#graph = graph;
    this.#inspection = inspection;
  }

  /**
   * Functions (as nodes) that use the variable through which the program's code holds the end of the chain: those that change the content,
   * else those that name it. Empty if the chain begins with no variable, or no living function names it.
   */
  ofFirstVariable({ entry, links }: Chain): number[] {
    const index = links.findIndex(({ edge }) => this.#graph.edgeType(edge) !== 'internal');
    const link = links[index];
    if (!link || this.#graph.edgeType(link.edge) !== 'context') return [];
    const context = links[index - 1]?.node ?? entry;
    const variable = this.#graph.edgeName(link.edge);
    const key = `${context} ${variable}`;
    const known = this.#known.get(key) ?? this.#among(this.#functionsOf(context), variable);
    this.#known.set(key, known);
    return known;
  }

  /** Functions that see the variables of this context: one for each position, in source order. */
  #functionsOf(context: number): Map<string, number> {
    this.#closures ??= closuresByContext(this.#graph);
    const functions = new Map<string, { line: number; column: number; node: number }>();
    for (const node of this.#closures.get(context) ?? []) {
      const location = this.#graph.locationOf(node);
      if (!location) continue;
      const { scriptId, line, column } = location;
      functions.set(`${scriptId}:${line}:${column}`, { line, column, node });
    }
    const inOrder = [...functions].toSorted(([, a], [, b]) => a.line - b.line || a.column - b.column);
    return new Map(inOrder.map(([place, { node }]) => [place, node]));
  }

  #among(functions: ReadonlyMap<string, number>, variable: string): number[] {
    const texts = this.#textsWith(variable);
    const naming = [...functions].flatMap(([place, node]) => {
      const text = texts.get(place);
      return text === undefined ? [] : [{ node, text }];
    });
    const longestFirst = naming.toSorted((a, b) => b.text.length - a.text.length);
    const uses = naming.map(({ node, text }) => {
      const inner = longestFirst.filter((other) => other.text.length < text.length);
      const own = inner.reduce((rest, other) => rest.replace(other.text, () => ''), text);
      return { node, use: usage(own, variable) };
    });
    const writers = uses.filter(({ use }) => use === 'writes');
    return (writers.length > 0 ? writers : uses.filter(({ use }) => use)).map(({ node }) => node);
  }

  /** Source texts of all functions that name the variable, by position. */
  #textsWith(variable: string): ReadonlyMap<string, string> {
    const known = this.#texts.get(variable);
    if (known) return known;
    this.#functions ??= this.#inspection
      .functions()
      .map((callback) => ({ callback, text: textOf.call(callback) }));
    const texts = new Map<string, string>();
    for (const { text, callback } of this.#functions) {
      if (!text.includes(variable) || !usage(text, variable)) continue;
      const { location } = this.#inspection.internalsOf(callback);
      if (!location) continue;
      const { scriptId, lineNumber, columnNumber } = location;
      texts.set(`${scriptId}:${lineNumber + 1}:${columnNumber + 1}`, text);
    }
    this.#texts.set(variable, texts);
    return texts;
  }
}

/** Functions with a source position, by each context whose variables they see. */
function closuresByContext(graph: HeapGraph): Map<number, number[]> {
  const closures = new Map<number, number[]>();
  for (let node = 0; node < graph.nodeCount; node++) {
    if (graph.typeOf(node) !== 'closure' || !graph.locationOf(node)) continue;
    let context = graph.follow(node, 'context', 'internal');
    for (; context !== undefined; context = graph.follow(context, 'previous', 'internal')) {
      const inside = closures.get(context);
      if (inside) inside.push(node);
      else closures.set(context, [node]);
    }
  }
  return closures;
}

/** Use of an outer variable in a function's text. A guess: it only chooses among functions that hold the variable. */
export function usage(text: string, variable: string): 'writes' | 'reads' | undefined {
  const escaped = variable.replaceAll(/[$.]/g, String.raw`\$&`);
  const name = String.raw`(?<![\w$.]|\b(?:const|let|var)\s+)${escaped}(?![\w$])`;
  const property = String.raw`(?:\.[\w$#]+|\[[^\]\n]*\])*`;
  const assigned = String.raw`\s*(?:(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>])|\+\+|--)`;
  if (new RegExp(name + property + assigned).test(text)) return 'writes';
  return new RegExp(name).test(text) ? 'reads' : undefined;
}
