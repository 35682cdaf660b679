/**
 * Ephemerons: pairs of a WeakMap, which keeps a value as long as both the map and the key are kept. Older TypeScript and Babel compile
 * private fields to such pairs, so the path to a class's content may lead through one.
 */
import type { HeapGraph } from './heap-graph.ts';

/** Name of an ephemeron's edge; V8 lists it twice, from the key and from the table of the WeakMap. */
const PAIR = /^\d+ \/ part of key .* pair in WeakMap \(table @(\d+)\)$/;

/** Edge from the key to the value, and the table of the WeakMap. */
export type Ephemeron = { key: number; edge: number; value: number; table: number };

export class Ephemerons {
  readonly #graph: HeapGraph;
  readonly #tables = new Map<number, number>();

  constructor(graph: HeapGraph) {
    this.#graph = graph;
    for (const map of graph.nodesNamed('WeakMap')) {
      const table = graph.follow(map, 'table', 'internal');
      if (table !== undefined) this.#tables.set(graph.idOf(table), table);
    }
  }

  /** Ephemeron at an edge of this node and name; undefined if the edge is not one from a key to its value. */
  ephemeronOf(node: number, edge: number, name: string): Ephemeron | undefined {
    const table = this.#tables.get(Number(PAIR.exec(name)?.[1]));
    if (table === undefined || table === node) return undefined;
    return { key: node, edge, value: this.#graph.target(edge), table };
  }
}
