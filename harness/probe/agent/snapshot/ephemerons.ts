/**
 * What a WeakMap keeps: a value, as long as both the map and the key are kept. Private fields are such pairs in what older TypeScript and Babel
 * make of a class, so the way to what a class holds may lead through one.
 */
import type { HeapGraph } from './heap-graph.ts';

/** V8 draws the edge twice, from the key and from the table of the WeakMap. */
const PAIR = /^\d+ \/ part of key .* pair in WeakMap \(table @(\d+)\)$/;

/** The edge from the key to the value, and the table. */
export type WeakPair = { key: number; edge: number; value: number; table: number };

export class WeakPairs {
  readonly #graph: HeapGraph;
  readonly #tables = new Map<number, number>();

  constructor(graph: HeapGraph) {
    this.#graph = graph;
    for (const map of graph.nodesNamed('WeakMap')) {
      const table = graph.follow(map, 'table', 'internal');
      if (table !== undefined) this.#tables.set(graph.idOf(table), table);
    }
  }

  /** Undefined where the edge, of this node and this name, is none from a key to its value. */
  pairOf(node: number, edge: number, name: string): WeakPair | undefined {
    const table = this.#tables.get(Number(PAIR.exec(name)?.[1]));
    if (table === undefined || table === node) return undefined;
    return { key: node, edge, value: this.#graph.target(edge), table };
  }
}
