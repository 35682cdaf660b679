/**
 * One heap snapshot, asked who keeps certain objects alive. Taken only when something needs it: about 0.4 s on a small heap.
 */
import { HeapGraph } from './heap-graph.ts';
import { turn, type Inspection } from '../base/inspection.ts';
import { takeSnapshot } from './take-snapshot.ts';
import { HELD, markOwners } from './ownership.ts';
import { isUserScript } from '../base/own.ts';
import type { Position } from '../../protocol.ts';
import { findRetention, type Retention } from './retention.ts';
import { pathInWords } from './retaining-path.ts';
import { pathOf, words } from '../base/stacks.ts';
import { VariableUsers } from './variable-users.ts';

/** Objects that a snapshot is asked about. Its node is known by the name of this class. */
class LastfinHeld {
  objects: object[];
  constructor(objects: object[]) {
    this.objects = objects;
  }
}

export type Kept = {
  /** the node in the graph */
  node: number;
  /** the nodes from the object, itself left out, up to the root */
  through: number[];
};

export type Keepers = {
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
    // a promise job that is running is a root, and the one that brought the objects here holds them; so does a fresh deref
    await turn();
    const snapshot = await takeSnapshot();
    const urls = await inspection.urls();
    const urlOf = (scriptId: string): string => urls.get(scriptId) ?? '';
    return new Retainer(new HeapGraph(snapshot), inspection, held.objects, urlOf);
  }

  nodeOf(object: object): number | undefined {
    return this.#nodes.get(object);
  }

  /** Who keeps the object alive; undefined when that is not the target's code. */
  kept(object: object): Kept | undefined {
    const node = this.#nodes.get(object);
    if (node === undefined || !this.retention.byUser(node)) return undefined;
    return { node, through: this.retention.ancestors(node) };
  }

  /** The first node of the target's code that keeps the object alive. */
  entryOf({ node }: Kept): number {
    return this.retention.chain(node).entry;
  }

  /** @param ownEntry the first function of the target's code is there for this object alone, such as the callback of its timer: it is the one, not its siblings */
  keepers({ node, through }: Kept, ownEntry = false): Keepers {
    const chain = this.retention.chain(node);
    const users = this.#users.ofFirstVariable(chain);
    const inside = chain.links.slice(0, -1).map((link) => link.node);
    const where = new Map<string, Position>();
    const steps = users.length > 0 ? [...inside.toReversed(), ...users] : through;
    for (const step of ownEntry ? [chain.entry, ...steps] : steps) {
      const position = this.positionOf(step);
      if (position && !where.has(words(position))) where.set(words(position), position);
    }
    const entry = ownEntry ? chain.entry : (users[0] ?? chain.entry);
    return { path: pathInWords(this.graph, { ...chain, entry }), where: [...where.values()] };
  }

  /** Where a function, or the class of an instance, stands in the target's code. */
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

/** Index in the held list → node. */
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
