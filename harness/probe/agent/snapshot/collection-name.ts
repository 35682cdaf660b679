/**
 * Names collections as the program does: `TcpProxy.records`, `byAddress[…]`. All holders are considered, and the same one is chosen in
 * every run.
 */
import type { HeapGraph } from './heap-graph.ts';
import { isAddedGlobal, isGlobalObject, OWN, USER } from './ownership.ts';
import type { Position } from '../../protocol.ts';
import type { Retainer } from './snapshot-query.ts';

const DEPTH = 5;
const CONTEXT = 'system / Context';
/** Edge to the local variables of a suspended function. */
const REGISTERS = 'parameters_and_registers';
/**
 * Node's classes on which a program may store a collection. Node's own collections there have other names or do not grow, except the
 * tables of agents and a TLS server's contexts.
 */
const NODE_HOLDERS = /^(Server|SecureServer|Socket|TLSSocket|Agent|EventEmitter|process)$/;

export type Named = { name: string; where: Position[]; rank: number };
type Holder = { edge: number; from: number };

/** Names the nodes that the target's code holds. */
export function nameCollections(retainer: Retainer, nodes: readonly number[]): Map<number, Named> {
  const { graph } = retainer;
  const holders = new Map<number, Holder[]>();
  let wanted = new Set(nodes);
  for (let depth = 0; depth < DEPTH && wanted.size > 0; depth++) {
    const next = new Set<number>();
    for (let from = 0; from < graph.nodeCount; from++) {
      if (retainer.owners[from] === OWN || !retainer.retention.reached(from)) continue;
      for (let edge = graph.edgesFrom(from); edge < graph.edgesTo(from); edge++) {
        const to = graph.target(edge);
        if (!wanted.has(to) || graph.edgeType(edge) === 'weak') continue;
        const list = holders.get(to);
        if (list) list.push({ edge, from });
        else holders.set(to, [{ edge, from }]);
        if (isPlain(graph, from)) next.add(from);
      }
    }
    wanted = new Set([...next].filter((node) => !holders.has(node)));
  }
  const named = new Map<number, Named>();
  for (const node of nodes) {
    const best = nameNode(retainer, holders, node, DEPTH);
    if (best) named.set(node, best);
  }
  return named;
}

/** Whether a node has no name of its own, so that its holder must be asked. */
function isPlain(graph: HeapGraph, node: number): boolean {
  const type = graph.typeOf(node);
  if (type === 'hidden') return graph.nameOf(node) === 'system / Cell';
  return (
    type === 'array' || (type === 'object' && /^(Object|Array|Map|Set|WeakMap)$/.test(graph.nameOf(node)))
  );
}

function nameNode(
  retainer: Retainer,
  holders: Map<number, Holder[]>,
  node: number,
  depth: number,
): Named | undefined {
  if (depth === 0) return undefined;
  let best: Named | undefined;
  for (const holder of holders.get(node) ?? []) {
    const named = nameThrough(retainer, holders, holder, node, depth);
    if (!named) continue;
    if (!best || named.rank < best.rank || (named.rank === best.rank && named.name < best.name)) best = named;
  }
  return best;
}

function nameThrough(
  retainer: Retainer,
  holders: Map<number, Holder[]>,
  { edge, from }: Holder,
  node: number,
  depth: number,
): Named | undefined {
  const { graph, owners } = retainer;
  const type = graph.edgeType(edge);
  const edgeName = graph.edgeName(edge);
  const fromName = graph.nameOf(from);
  if (type === 'context') {
    if (owners[from] !== USER || fromName !== CONTEXT) return undefined;
    return { name: edgeName, where: functionsIn(retainer, from), rank: 1 };
  }
  // V8 names the variables of functions and modules, not those of a block
  if (type === 'hidden' && fromName === CONTEXT && owners[from] === USER) {
    const where = functionsIn(retainer, from);
    return { name: `variable ${edgeName} of a block`, where, rank: 5 };
  }
  if (type === 'property') {
    if (isGlobalObject(graph, from)) {
      if (!isAddedGlobal(graph, edge)) return undefined;
      return { name: `globalThis.${edgeName}`.replace(/\.<symbol (.*)>$/, '[$1]'), where: [], rank: 2 };
    }
    const position = retainer.positionOf(from);
    if (position) return { name: `${fromName}.${edgeName}`, where: [position], rank: 0 };
    if (fromName === 'Module' && edgeName !== 'exports') return undefined;
    if (isPlain(graph, from)) {
      const outer = nameNode(retainer, holders, from, depth - 1);
      if (outer) return { ...outer, name: `${outer.name}.${edgeName}`, rank: outer.rank + 3 };
      // namespace object of an ES module, or module.exports
      return owners[from] === USER || retainer.retention.byUser(from)
        ? { name: edgeName, where: [], rank: 20 }
        : undefined;
    }
    const plainName = /^(?:[a-z][A-Za-z0-9]*|_contexts)$/.test(edgeName);
    if (NODE_HOLDERS.test(fromName) && plainName && /^(Map|Set|Array)$/.test(graph.nameOf(node))) {
      return { name: `${fromName}.${edgeName}`, where: [], rank: 10 };
    }
    return undefined;
  }
  if (edgeName === REGISTERS) {
    // a suspended generator or async function
    const position = retainer.positionOf(from);
    return position && { name: `a variable of ${fromName}()`, where: [position], rank: 5 };
  }
  if (fromName === 'system / Cell') {
    const name = exportedName(graph, holders.get(from) ?? []);
    return name ? { name, where: [], rank: 15 } : undefined;
  }
  if (!isPlain(graph, from)) return undefined;
  const outer = nameNode(retainer, holders, from, depth - 1);
  if (!outer) return undefined;
  // `table` leads from a Map to its entries, `elements` from an Array to its own
  const name =
    /^(table|elements)$/.test(edgeName) || /(\[…\]|\(\))$/.test(outer.name) ? outer.name : `${outer.name}[…]`;
  return { ...outer, name, rank: outer.rank + (edgeName === 'table' ? 0 : 1) };
}

/** Name of an export: a module's table of exports has each name just before its cell. */
function exportedName(graph: HeapGraph, tables: readonly Holder[]): string | undefined {
  for (const { edge, from } of tables) {
    const before = graph.follow(from, String(Number(graph.edgeName(edge)) - 1), 'internal');
    if (before !== undefined && graph.typeOf(before) === 'string') return graph.textOf(before);
  }
  return undefined;
}

/** First function, by line, that shares these variables: it is in the file that declares them. */
function functionsIn(retainer: Retainer, context: number): Position[] {
  const { graph } = retainer;
  let first: Position | undefined;
  for (let node = 0; node < graph.nodeCount; node++) {
    if (graph.typeOf(node) !== 'closure' || graph.follow(node, 'context', 'internal') !== context) continue;
    const position = retainer.positionOf(node);
    if (position && (!first || position.line < first.line)) first = position;
  }
  return first ? [first] : [];
}
