/**
 * Finds what keeps an object alive, by two searches from the roots. The first does not enter the target's code: what it reaches is kept
 * by Node itself (free lists, pools, closing handles) and is nobody's leak. The second goes on through the target's code. The probe's
 * own nodes, stacks and weak references are never entered; the value of a WeakMap is kept if both the map and its key are.
 */
import type { HeapGraph } from './heap-graph.ts';
import { isAddedGlobal, isGlobalObject, OWN, USER } from './ownership.ts';
import { Ephemerons, type Ephemeron } from './ephemerons.ts';

const WEAK_PAIR = /part of key .*(WeakMap|pair)|\bweak\b/i;
const NO_ROOTS = ['(Stack roots)', '(Handle scope)'];
/** Lists of native objects that Node keeps, weak ones too: they keep none alive. In some versions they are the only root of modules. */
const NATIVE_LISTS = ['Node / CleanupQueue', 'Node / BaseObjectList', 'Node / CppgcWrapperList'];
const MODULE = 'Node / ModuleWrap';

/** Edges from the first node of the target's code down to an object, and that first node. */
export type Chain = { entry: number; links: { edge: number; node: number }[] };

export type Retention = {
  /** whether the node is kept alive only through the target's code */
  byUser(node: number): boolean;
  /** whether the node is kept alive at all, other than by the probe */
  reached(node: number): boolean;
  /** nodes on the path to this one, nearest first, up to the roots */
  ancestors(node: number): number[];
  chain(node: number): Chain;
};

/** Search that reached each node first, and the edge by which it did. */
class Marks implements Retention {
  /** 0: not reached; 1: from the roots; 2: through the target's code only */
  readonly phase: Uint8Array;
  readonly #parent: Int32Array;
  readonly #via: Int32Array;

  constructor(nodes: number) {
    this.phase = new Uint8Array(nodes);
    this.#parent = new Int32Array(nodes).fill(-1);
    this.#via = new Int32Array(nodes).fill(-1);
  }

  mark(node: number, phase: number, from: number, edge: number): void {
    this.phase[node] = phase;
    this.#parent[node] = from;
    this.#via[node] = edge;
  }

  byUser(node: number): boolean {
    return this.phase[node] === 2;
  }

  reached(node: number): boolean {
    return this.phase[node] !== 0;
  }

  ancestors(node: number): number[] {
    const nodes: number[] = [];
    for (let at = this.#parent[node] ?? 0; at > 0; at = this.#parent[at] ?? 0) nodes.push(at);
    return nodes;
  }

  chain(node: number): Chain {
    const links: { edge: number; node: number }[] = [];
    let at = node;
    while (this.phase[at] === 2) {
      links.unshift({ edge: this.#via[at] ?? -1, node: at });
      at = this.#parent[at] ?? 0;
    }
    return { entry: at, links };
  }
}

type Reach = (from: number, edge: number, to: number, number: number, queue: number[]) => void;

export function findRetention(graph: HeapGraph, owners: Uint8Array): Retention {
  const marks = new Marks(graph.nodeCount);
  const { phase } = marks;
  const entries: number[] = [];
  const noRoots = graph.nodesNamed(...NO_ROOTS);
  const lists = graph.nodesNamed(...NATIVE_LISTS);
  const inLists = new Set([...lists, ...graph.nodesNamed(MODULE)]);
  const late: { from: number; edge: number; to: number }[] = [];
  const ephemerons = new Ephemerons(graph);
  let pairs: Ephemeron[] = [];

  /** Marks a node. The first search stops at the target's code, where the second begins. */
  const reach: Reach = (from, edge, to, number, queue) => {
    marks.mark(to, number, from, edge);
    if (number === 1 && owners[to] === USER) entries.push(to);
    else queue.push(to);
  };
  const followEdges = (queue: number[], number: number): void => {
    // oxlint-disable-next-line unicorn/no-for-loop -- the queue grows while it is read
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head] ?? 0;
      const global = number === 1 && isGlobalObject(graph, node);
      const listed = number === 1 && lists.has(node);
      for (let edge = graph.edgesFrom(node); edge < graph.edgesTo(node); edge++) {
        const to = graph.target(edge);
        if (phase[to] !== 0 || owners[to] === OWN || noRoots.has(to)) continue;
        const type = graph.edgeType(edge);
        if (type === 'weak') continue;
        if (type === 'internal' && WEAK_PAIR.test(graph.edgeName(edge))) {
          const pair = ephemerons.ephemeronOf(node, edge, graph.edgeName(edge));
          if (pair) pairs.push(pair);
          continue;
        }
        if (listed && !inLists.has(to)) continue;
        if (global && isAddedGlobal(graph, edge)) {
          late.push({ from: node, edge, to });
          continue;
        }
        reach(node, edge, to, number, queue);
      }
    }
  };
  const search = (first: number[], number: number): void => {
    let queue = first;
    while (queue.length > 0) {
      followEdges(queue, number);
      queue = [];
      pairs = followPairs(pairs, phase, number, queue, reach);
    }
  };
  phase[0] = 1;
  search([0], 1);
  const second = [...entries];
  for (const { from, edge, to } of late) {
    if (phase[to] === 0) reach(from, edge, to, 2, second);
  }
  search(second, 2);

  return marks;
}

/** Marks the values of reached WeakMaps whose keys are reached. Returns the pairs that have to wait. */
function followPairs(
  pairs: readonly Ephemeron[],
  phase: Uint8Array,
  number: number,
  queue: number[],
  reach: Reach,
): Ephemeron[] {
  const waiting: Ephemeron[] = [];
  for (const pair of pairs) {
    if (phase[pair.value] !== 0) continue;
    if (phase[pair.table] === 0) waiting.push(pair);
    else reach(phase[pair.key] === number ? pair.key : pair.table, pair.edge, pair.value, number, queue);
  }
  return waiting;
}
