/**
 * A V8 heap snapshot as a graph of numbered nodes and edges.
 */
type Meta = {
  node_fields: string[];
  node_types: [string[], ...unknown[]];
  edge_fields: string[];
  edge_types: [string[], ...unknown[]];
  location_fields: string[];
};
type Raw = {
  snapshot: { meta: Meta };
  nodes: number[];
  edges: number[];
  strings: string[];
  locations: number[];
};

export type NodeLocation = { scriptId: string; line: number; column: number };

export class HeapGraph {
  readonly nodeCount: number;
  readonly #raw: Raw;
  readonly #nodeWidth: number;
  readonly #edgeWidth: number;
  readonly #nodeTypes: string[];
  readonly #edgeTypes: string[];
  readonly #typeAt: number;
  readonly #nameAt: number;
  readonly #firstEdge: Uint32Array;
  readonly #locations = new Map<number, NodeLocation>();

  constructor(text: string) {
    const raw = JSON.parse(text) as Raw;
    const { meta } = raw.snapshot;
    this.#raw = raw;
    this.#nodeWidth = meta.node_fields.length;
    this.#edgeWidth = meta.edge_fields.length;
    this.#nodeTypes = meta.node_types[0];
    this.#edgeTypes = meta.edge_types[0];
    this.#typeAt = meta.node_fields.indexOf('type');
    this.#nameAt = meta.node_fields.indexOf('name');
    this.nodeCount = raw.nodes.length / this.#nodeWidth;
    this.#firstEdge = new Uint32Array(this.nodeCount + 1);
    const countAt = meta.node_fields.indexOf('edge_count');
    for (let node = 0, edge = 0; node < this.nodeCount; node++) {
      this.#firstEdge[node] = edge;
      edge += raw.nodes[node * this.#nodeWidth + countAt] ?? 0;
    }
    this.#firstEdge[this.nodeCount] = raw.edges.length / this.#edgeWidth;
    const width = meta.location_fields.length;
    for (let i = 0; i < raw.locations.length; i += width) {
      const [at = 0, script = 0, line = 0, column = 0] = raw.locations.slice(i, i + 4);
      const location = { scriptId: String(script), line: line + 1, column: column + 1 };
      this.#locations.set(at / this.#nodeWidth, location);
    }
  }

  typeOf(node: number): string {
    return this.#nodeTypes[this.#raw.nodes[node * this.#nodeWidth + this.#typeAt] ?? -1] ?? '';
  }

  nameOf(node: number): string {
    return this.#raw.strings[this.#raw.nodes[node * this.#nodeWidth + this.#nameAt] ?? -1] ?? '';
  }

  /** Where a closure's source begins; class instances have the place of their constructor. */
  locationOf(node: number): NodeLocation | undefined {
    return this.#locations.get(node);
  }

  /** Edges of a node are numbered from here … */
  edgesFrom(node: number): number {
    return this.#firstEdge[node] ?? 0;
  }

  /** … up to here, exclusive. */
  edgesTo(node: number): number {
    return this.#firstEdge[node + 1] ?? 0;
  }

  edgeType(edge: number): string {
    return this.#edgeTypes[this.#raw.edges[edge * this.#edgeWidth] ?? -1] ?? '';
  }

  /** Property, variable or internal name; an index for elements. */
  edgeName(edge: number): string {
    const nameOrIndex = this.#raw.edges[edge * this.#edgeWidth + 1] ?? -1;
    const type = this.edgeType(edge);
    if (type === 'element' || type === 'hidden') return String(nameOrIndex);
    return this.#raw.strings[nameOrIndex] ?? '';
  }

  target(edge: number): number {
    return (this.#raw.edges[edge * this.#edgeWidth + 2] ?? 0) / this.#nodeWidth;
  }

  /** The node at the end of a named edge. */
  follow(node: number, name: string, type?: string): number | undefined {
    for (let edge = this.edgesFrom(node); edge < this.edgesTo(node); edge++) {
      if (this.edgeName(edge) === name && (type === undefined || this.edgeType(edge) === type))
        return this.target(edge);
    }
    return undefined;
  }
}
