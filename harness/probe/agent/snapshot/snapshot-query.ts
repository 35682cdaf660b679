/**
 * Heap snapshot that tells who keeps certain objects alive. Taken only when needed: about 0.4 s on a small heap.
 */
import { HeapGraph } from './heap-graph.ts';
import { turn, type Inspection } from '../base/inspection.ts';
import { takeSnapshot } from './take-snapshot.ts';
import { HELD, markOwners } from './ownership.ts';
import { isUserScript } from '../base/own.ts';
import type { Position } from '../../protocol.ts';
import { findRetention, type Retention } from './retention.ts';
import { pathInWords } from './retaining-path.ts';
import { pathOf, positionText } from '../base/stacks.ts';
import { VariableUsers } from './variable-users.ts';

/** Holder of the objects that a snapshot is asked about. Its node is found by the name of this class. */
class LastfinHeld {
  objects: object[];
  constructor(objects: object[]) {
    this.objects = objects;
  }
}

export type Kept = {
  /** node of the object in the graph */
  node: number;
  /** nodes from the object, itself left out, up to the root */
  through: number[];
};

export type Retainers = {
  path: string;
  /** functions and classes of the target's code on the path, nearest to the object first */
  where: Position[];
};

export class Retainer {
  readonly graph: HeapGraph;
  readonly owners: Uint8Array;
  readonly retention: Retention;
  readonly #urlOf: (scriptId: string) => string;
  readonly #users: VariableUsers;
  readonly #nodes = new Map<object, number>();

  private constructor(
    graph: HeapGraph,
    inspection: Inspection,
    objects: object[],
    urlOf: (scriptId: string) => string,
  ) {
    this.graph = graph;
    this.#urlOf = urlOf;
    this.#users = new VariableUsers(graph, inspection);
    this.owners = markOwners(graph, urlOf);
    this.retention = findRetention(graph, this.owners);
    for (const [index, node] of elementsHeld(graph)) {
      const object = objects[index];
      if (object) this.#nodes.set(object, node);
    }
  }

  static async take(inspection: Inspection, objects: object[]): Promise<Retainer> {
    const held = new LastfinHeld(objects);
    // a running promise job is a root and holds the objects that it brought here; so does a fresh deref
    await turn();
    const snapshot = await takeSnapshot();
    const urls = await inspection.urls();
    const urlOf = (scriptId: string): string => urls.get(scriptId) ?? '';
    return new Retainer(new HeapGraph(snapshot), inspection, held.objects, urlOf);
  }

  nodeOf(object: object): number | undefined {
    return this.#nodes.get(object);
  }

  /** Retaining path of an object; undefined if the target's code does not keep it alive. */
  kept(object: object): Kept | undefined {
    const node = this.#nodes.get(object);
    if (node === undefined || !this.retention.byUser(node)) return undefined;
    return { node, through: this.retention.ancestors(node) };
  }

  /** First node of the target's code that keeps the object alive. */
  entryOf({ node }: Kept): number {
    return this.retention.chain(node).entry;
  }

  /** @param ownEntry whether the first function, such as a timer callback, belongs to this object alone: then its siblings are not named */
  retainers({ node, through }: Kept, ownEntry = false): Retainers {
    const chain = this.retention.chain(node);
    const users = this.#users.ofFirstVariable(chain);
    const inside = chain.links.slice(0, -1).map((link) => link.node);
    const where = new Map<string, Position>();
    const steps = users.length > 0 ? [...inside.toReversed(), ...users] : through;
    for (const step of ownEntry ? [chain.entry, ...steps] : steps) {
      const position = this.positionOf(step);
      if (position && !where.has(positionText(position))) where.set(positionText(position), position);
    }
    const entry = ownEntry ? chain.entry : (users[0] ?? chain.entry);
    return { path: pathInWords(this.graph, { ...chain, entry }), where: [...where.values()] };
  }

  /** Position of a function, or of an instance's class, in the target's code. */
  positionOf(node: number): Position | undefined {
    const location = this.graph.locationOf(node);
    const url = location && this.#urlOf(location.scriptId);
    if (!location || !url || !isUserScript(url)) return undefined;
    const name = this.graph.nameOf(node);
    return {
      file: pathOf(url),
      line: location.line,
      column: location.column,
      ...(name ? { name } : {}),
    };
  }
}

/** Nodes of the held list, by index. */
function* elementsHeld(graph: HeapGraph): Generator<[number, number]> {
  for (const node of graph.nodesNamed(HELD)) {
    if (graph.typeOf(node) !== 'object') continue;
    const list = graph.follow(node, 'objects', 'property');
    if (list === undefined) continue;
    for (let edge = graph.edgesFrom(list); edge < graph.edgesTo(list); edge++) {
      if (graph.edgeType(edge) === 'element') yield [Number(graph.edgeName(edge)), graph.target(edge)];
    }
  }
}
