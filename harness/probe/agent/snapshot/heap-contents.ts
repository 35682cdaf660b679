/**
 * Contents of objects that are no objects themselves: names of properties, numbers in arrays, bytes of buffers, length of texts. A list
 * that is copied with each connection, or a text that is written anew with one more line, grows in nothing else.
 */
import type { HeapGraph } from './heap-graph.ts';
import { OWN, USER } from './ownership.ts';
import type { Retainer } from './snapshot-query.ts';
import { pathInWords } from './retaining-path.ts';

/** Amount that an object holds, and its path in words: V8 renumbers objects, and a copy replaces its original. */
export type Contents = { kind: string; node: number; count: number };

const JOINED = 'concatenated string';
const TEXT = /^(string|concatenated string)$/;
const HOLDS = /^(object|closure)$/;
const TABLE = /^(Map|Set)$/;
/** Least properties, numbers or words of bytes of an object that is remembered, so that few paths are computed. */
const LEAST = 20;
const WORD = 8;
/** Least words of a text that is remembered: programs keep thousands of short ones. */
const LEAST_TEXT = 64;
/** Writes that wait in a stream: the property of Node 20, the symbol of Node 22. */
const WAITING = /^(buffered|<symbol kBufferedValue>)$/;

/** Objects of the target's code with much content, and its amount. */
export function measureContents({ graph, retention, owners }: Retainer): Contents[] {
  const names = graph.nodesNamed('(object properties)');
  const elements = graph.nodesNamed('(object elements)');
  const bytes = graph.nodesNamed('system / JSArrayBufferData');
  const pieces = piecesOfTexts(graph);
  const seen = new Set<number>();
  // two tables of one path, such as those in a Map of tables, are one
  const contents = new Map<string, Contents & { most: number }>();
  const add = (of: string, node: number, count: number, name = graph.nameOf(node)): void => {
    if (count < LEAST) return;
    sum(`${of} of ${name} (${pathInWords(graph, retention.chain(node))})`, node, count);
  };
  const sum = (kind: string, node: number, count: number): void => {
    const known = contents.get(kind);
    if (known === undefined) contents.set(kind, { kind, node, count, most: count });
    else {
      known.count += count;
      if (count > known.most) Object.assign(known, { node, most: count });
    }
  };
  for (let node = 0; node < graph.nodeCount; node++) {
    const type = graph.typeOf(node);
    if (TEXT.test(type) && retention.byUser(node) && !pieces.has(node)) {
      const words = Math.floor(textSize(graph, node) / WORD);
      if (words >= LEAST_TEXT) add(`${WORD} bytes`, node, words, 'text');
    }
    if (!HOLDS.test(type)) continue;
    if (graph.nameOf(node) === 'WritableState') {
      const count = waitingWrites(graph, node);
      if (count > 0) sum('write that waits in a stream', node, count);
    }
    if (owners[node] === OWN || !retention.reached(node)) continue;
    const isUser = retention.byUser(node) || owners[node] === USER;
    // numbers in a Map or Set are in its table; one that grows does so in leaps, many small ones do so evenly
    const table =
      isUser && TABLE.test(graph.nameOf(node)) ? graph.follow(node, 'table', 'internal') : undefined;
    if (table !== undefined) add('place', node, Math.floor(graph.sizeOf(table) / WORD));
    for (let edge = graph.edgesFrom(node); edge < graph.edgesTo(node); edge++) {
      const target = graph.target(edge);
      // properties that a program gives to an object of Node's are its own, too; what is in Node's lists comes and goes
      if (names.has(target)) add('property', node, graph.edgesTo(target) - graph.edgesFrom(target));
      else if (!isUser) continue;
      else if (elements.has(target)) add('number', node, Math.floor(graph.sizeOf(target) / WORD));
      // several buffers may be views of the same bytes
      else if (bytes.has(target) && !seen.has(target)) {
        seen.add(target);
        add(`${WORD} bytes`, node, Math.floor(graph.sizeOf(target) / WORD));
      }
    }
  }
  return [...contents.values()];
}

/** Writes that a stream has taken and not passed on: its peer does not read. Node keeps them, whoever owns the stream. */
function waitingWrites(graph: HeapGraph, state: number): number {
  for (let edge = graph.edgesFrom(state); edge < graph.edgesTo(state); edge++) {
    if (!WAITING.test(graph.edgeName(edge))) continue;
    const elements = graph.follow(graph.target(edge), 'elements');
    // not its size, which V8 makes larger in steps
    if (elements !== undefined) return graph.edgesTo(elements) - graph.edgesFrom(elements);
  }
  return 0;
}

/** Texts that are parts of others: V8 joins long ones by reference. */
function piecesOfTexts(graph: HeapGraph): Set<number> {
  const pieces = new Set<number>();
  for (let node = 0; node < graph.nodeCount; node++) {
    if (graph.typeOf(node) !== JOINED) continue;
    for (let edge = graph.edgesFrom(node); edge < graph.edgesTo(node); edge++) pieces.add(graph.target(edge));
  }
  return pieces;
}

/** Bytes of a text with all its pieces. */
function textSize(graph: HeapGraph, text: number): number {
  const seen = new Set([text]);
  let size = 0;
  for (const node of seen) {
    size += graph.sizeOf(node);
    if (graph.typeOf(node) !== JOINED) continue;
    for (let edge = graph.edgesFrom(node); edge < graph.edgesTo(node); edge++) seen.add(graph.target(edge));
  }
  return size;
}
