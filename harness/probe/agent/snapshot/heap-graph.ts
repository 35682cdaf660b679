/**
 * Graph of a V8 heap snapshot, with numbered nodes and edges.
 */
import { SnapshotText } from './snapshot-text.ts';

export type NodeLocation = { scriptId: string; line: number; column: number };

export class HeapGraph {
  readonly nodeCount: number;
  readonly #text: SnapshotText;
  readonly #nodeWidth: number;
  readonly #edgeWidth: number;
  readonly #nodeTypes: string[];
  readonly #stringType: number;
  readonly #edgeTypes: string[];
  readonly #typeAt: number;
  readonly #nameAt: number;
  readonly #idAt: number;
  readonly #sizeAt: number;
  readonly #firstEdge: Uint32Array;
  readonly #locations = new Map<number, NodeLocation>();

  constructor(snapshot: Buffer) {
    const text = new SnapshotText(snapshot);
    const { meta, nodes, locations } = text;
    this.#text = text;
    this.#nodeWidth = meta.node_fields.length;
    this.#edgeWidth = meta.edge_fields.length;
    this.#nodeTypes = meta.node_types[0];
    this.#stringType = this.#nodeTypes.indexOf('string');
    this.#edgeTypes = meta.edge_types[0];
    this.#typeAt = meta.node_fields.indexOf('type');
    this.#nameAt = meta.node_fields.indexOf('name');
    this.#idAt = meta.node_fields.indexOf('id');
    this.#sizeAt = meta.node_fields.indexOf('self_size');
    this.nodeCount = text.nodeCount;
    this.#firstEdge = new Uint32Array(this.nodeCount + 1);
    const countAt = meta.node_fields.indexOf('edge_count');
    for (let node = 0, edge = 0; node < this.nodeCount; node++) {
      this.#firstEdge[node] = edge;
      edge += nodes[node * this.#nodeWidth + countAt] ?? 0;
    }
    this.#firstEdge[this.nodeCount] = text.edgeCount;
    const width = meta.location_fields.length;
    for (let i = 0; i < locations.length; i += width) {
      const scriptId = String(locations[i + 1]);
      const [line, column] = [(locations[i + 2] ?? 0) + 1, columnOf(locations[i + 3])];
      this.#locations.set((locations[i] ?? 0) / this.#nodeWidth, { scriptId, line, column });
    }
  }

  typeOf(node: number): string {
    return this.#nodeTypes[this.#typeNumberOf(node)] ?? '';
  }

  /** Class of an object or name of a function; empty for strings (too many to decode): see {@link textOf}. */
  nameOf(node: number): string {
    return this.#typeNumberOf(node) === this.#stringType ? '' : this.textOf(node);
  }

  textOf(node: number): string {
    return this.#text.string(this.#nameNumberOf(node));
  }

  /** V8's own number of the object, to which the names of some edges refer. */
  idOf(node: number): number {
    return this.#text.nodes[node * this.#nodeWidth + this.#idAt] ?? -1;
  }

  /** Bytes of the object itself, without those it refers to. */
  sizeOf(node: number): number {
    return this.#text.nodes[node * this.#nodeWidth + this.#sizeAt] ?? 0;
  }

  /** Nodes with one of these names, except strings. */
  nodesNamed(...names: string[]): Set<number> {
    const wanted = new Set(names.map((name) => this.#text.indexOf(name)));
    const nodes = new Set<number>();
    for (let node = 0; node < this.nodeCount; node++) {
      if (wanted.has(this.#nameNumberOf(node)) && this.#typeNumberOf(node) !== this.#stringType)
        nodes.add(node);
    }
    return nodes;
  }

  /** Start of a closure's source; for an instance, that of its class's constructor. */
  locationOf(node: number): NodeLocation | undefined {
    return this.#locations.get(node);
  }

  /** First edge of a node … */
  edgesFrom(node: number): number {
    return this.#firstEdge[node] ?? 0;
  }

  /** … and the number after its last edge. */
  edgesTo(node: number): number {
    return this.#firstEdge[node + 1] ?? 0;
  }

  edgeType(edge: number): string {
    return this.#edgeTypes[this.#text.edges[edge * this.#edgeWidth] ?? -1] ?? '';
  }

  /** Name of a property or variable, or an internal name; an index for elements. */
  edgeName(edge: number): string {
    const nameOrIndex = this.#text.edges[edge * this.#edgeWidth + 1] ?? -1;
    const type = this.edgeType(edge);
    if (type === 'element' || type === 'hidden') return String(nameOrIndex);
    return this.#text.string(nameOrIndex);
  }

  target(edge: number): number {
    return (this.#text.edges[edge * this.#edgeWidth + 2] ?? 0) / this.#nodeWidth;
  }

  /** Node at the end of a named edge. */
  follow(node: number, name: string, type?: string): number | undefined {
    for (let edge = this.edgesFrom(node); edge < this.edgesTo(node); edge++) {
      if (this.edgeName(edge) === name && (type === undefined || this.edgeType(edge) === type))
        return this.target(edge);
    }
    return undefined;
  }

  #typeNumberOf(node: number): number {
    return this.#text.nodes[node * this.#nodeWidth + this.#typeAt] ?? -1;
  }

  #nameNumberOf(node: number): number {
    return this.#text.nodes[node * this.#nodeWidth + this.#nameAt] ?? -1;
  }
}

/** Column, counted from 1. A script that begins within a wrapper of its tool has columns below zero, which are read modulo 2 ** 32. */
function columnOf(read = 0): number {
  return read > 2 ** 31 ? 1 : read + 1;
}
