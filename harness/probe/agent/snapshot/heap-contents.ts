/**
 * Contents of objects that are no objects themselves: names of properties, numbers in arrays, bytes of buffers. A list that is copied
 * with each connection, or a function that gets a property with each, grows in nothing else.
 */
import { USER } from './ownership.ts';
import type { Retainer } from './snapshot-query.ts';
import { pathInWords } from './retaining-path.ts';

/** Amount that an object holds, and its path in words: V8 renumbers objects, and a copy replaces its original. */
export type Contents = { kind: string; node: number; count: number };

const HOLDS = /^(object|closure)$/;
/** Least properties, numbers or words of bytes of an object that is remembered, so that few paths are computed. */
const LEAST = 20;
const WORD = 8;

/** Objects of the target's code with much content, and its amount. */
export function measureContents({ graph, retention, owners }: Retainer): Contents[] {
  const names = graph.nodesNamed('(object properties)');
  const elements = graph.nodesNamed('(object elements)');
  const bytes = graph.nodesNamed('system / JSArrayBufferData');
  const seen = new Set<number>();
  const contents: Contents[] = [];
  const add = (of: string, node: number, count: number): void => {
    if (count < LEAST) return;
    const path = pathInWords(graph, retention.chain(node));
    contents.push({ kind: `${of} of ${graph.nameOf(node)} (${path})`, node, count });
  };
  for (let node = 0; node < graph.nodeCount; node++) {
    if (!HOLDS.test(graph.typeOf(node))) continue;
    if (!retention.byUser(node) && owners[node] !== USER) continue;
    for (let edge = graph.edgesFrom(node); edge < graph.edgesTo(node); edge++) {
      const target = graph.target(edge);
      if (names.has(target)) add('property', node, graph.edgesTo(target) - graph.edgesFrom(target));
      else if (elements.has(target)) add('number', node, Math.floor(graph.sizeOf(target) / WORD));
      // several buffers may be views of the same bytes
      else if (bytes.has(target) && !seen.has(target)) {
        seen.add(target);
        add(`${WORD} bytes`, node, Math.floor(graph.sizeOf(target) / WORD));
      }
    }
  }
  return contents;
}
