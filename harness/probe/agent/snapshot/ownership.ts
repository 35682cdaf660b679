/**
 * Owner of each heap node: the target's code, the probe, or nobody in particular (Node, V8, plain data).
 */
import { hostGlobal } from '../base/built-ins.ts';
import type { HeapGraph } from './heap-graph.ts';
import { isOwnScript, isUserScript } from '../base/own.ts';

export const NEUTRAL = 0;
export const USER = 1;
export const OWN = 2;

const CONTEXT = 'system / Context';

/** Class whose instance carries objects into a snapshot; its node belongs to the probe. */
export const HELD = 'LastfinHeld';

/** Globals of Node that can be enumerated, as those that a program assigns can: a test's own process has both before its first check. */
const ENUMERABLE: ReadonlySet<string> = new Set([
  'global',
  'clearImmediate',
  'setImmediate',
  'clearInterval',
  'clearTimeout',
  'setInterval',
  'setTimeout',
  'queueMicrotask',
  'structuredClone',
  'atob',
  'btoa',
  'performance',
  'fetch',
  'navigator',
  'crypto',
]);
/** Names of globals that are no program's, by their beginnings: of Node, of test runners, coverage tools and compilers, and of the probe. */
const OF_TOOLS =
  /^(?:<symbol )?[_$]*(?:undici\.|nodejs\.|lastfin|vitest|vite_|jest|matchers-object|expect-|mocha|coverage__|source-?map|tsx|esbuild|Symbol\.toStringTag)/i;

/** Global names that existed before the program: later ones are the program's. */
const builtInGlobals = new Set(Object.getOwnPropertyNames(hostGlobal).filter(isBuiltIn));

function isBuiltIn(name: string): boolean {
  // a descriptor makes what Node makes at first use, such as DOMException, which aborts Node 22 in the realm of the probe
  if (!Object.prototype.propertyIsEnumerable.call(hostGlobal, name) || ENUMERABLE.has(name)) return true;
  return Object.getOwnPropertyDescriptor(hostGlobal, name)?.get !== undefined;
}

/** Marks every node as {@link NEUTRAL}, {@link USER} or {@link OWN}. */
export function markOwners(graph: HeapGraph, urlOf: (scriptId: string) => string): Uint8Array {
  const owners = new Uint8Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node++) {
    const owner = ownerByLocation(graph, node, urlOf);
    if (owner === NEUTRAL) continue;
    owners[node] = owner;
    markContexts(graph, owners, graph.follow(node, 'context', 'internal'), owner);
  }
  // objects that require() keeps of a file; exported variables of ES modules are in cells
  for (const node of graph.nodesNamed('Module', 'system / Cell')) {
    if (owners[node] === NEUTRAL) owners[node] = USER;
  }
  for (const node of graph.nodesNamed(HELD)) owners[node] = OWN;
  for (let node = 0; node < graph.nodeCount; node++) {
    if (owners[node] !== NEUTRAL || graph.typeOf(node) !== 'closure') continue;
    owners[node] = ownerOfBound(graph, owners, node);
  }
  markGlobals(graph, owners);
  return owners;
}

/** Owner by the source position that functions, suspended functions and class instances have. */
function ownerByLocation(graph: HeapGraph, node: number, urlOf: (scriptId: string) => string): number {
  const location = graph.locationOf(node);
  if (!location) return NEUTRAL;
  const url = urlOf(location.scriptId);
  if (isOwnScript(url)) return OWN;
  return isUserScript(url) ? USER : NEUTRAL;
}

/** Marks the variables around a function with the function's owner. */
function markContexts(graph: HeapGraph, owners: Uint8Array, first: number | undefined, owner: number): void {
  let context = first;
  while (context !== undefined && graph.nameOf(context) === CONTEXT && owners[context] === NEUTRAL) {
    owners[context] = owner;
    context = graph.follow(context, 'previous', 'internal');
  }
}

function ownerOfBound(graph: HeapGraph, owners: Uint8Array, node: number): number {
  const beneath = graph.follow(node, 'bound_function');
  return beneath === undefined ? NEUTRAL : (owners[beneath] ?? NEUTRAL);
}

/** Marks globals of the program: for `globalThis.cache = new Map()` both the property and the cell behind it lead to user data. */
function markGlobals(graph: HeapGraph, owners: Uint8Array): void {
  const added = new Set<number>();
  for (let node = 0; node < graph.nodeCount; node++) {
    if (!isGlobalObject(graph, node)) continue;
    for (let edge = graph.edgesFrom(node); edge < graph.edgesTo(node); edge++) {
      if (isAddedGlobal(graph, edge)) added.add(graph.target(edge));
    }
  }
  if (added.size === 0) return;
  for (const node of graph.nodesNamed('system / PropertyCell')) {
    const value = graph.follow(node, 'value', 'internal');
    if (value !== undefined && added.has(value)) owners[node] = USER;
  }
}

export function isGlobalObject(graph: HeapGraph, node: number): boolean {
  return graph.typeOf(node) === 'object' && /^global\b/.test(graph.nameOf(node));
}

/** Whether an edge of the global object is a global that the program made. */
export function isAddedGlobal(graph: HeapGraph, edge: number): boolean {
  if (graph.edgeType(edge) !== 'property') return false;
  const name = graph.edgeName(edge);
  return !builtInGlobals.has(name) && name !== '__proto__' && !OF_TOOLS.test(name);
}
