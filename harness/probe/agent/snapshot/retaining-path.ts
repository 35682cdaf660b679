/**
 * Retaining path in the terms of the program: classes, properties, variables and functions, without V8's internal steps.
 */
import type { HeapGraph } from './heap-graph.ts';
import type { Chain } from './retention.ts';

const PLAIN = new Set(['Object', 'Array', 'Map', 'Set', 'Generator']);
const REPEATS = /^(_idleNext|_idlePrev|next|prev)$/;

/** Path as text, such as `TcpProxy.records[…] → Connection.upstream → Socket`. Without indices, so that it is stable between runs. */
export function pathInWords(graph: HeapGraph, { entry, links }: Chain): string {
  const start = startInWords(graph, entry);
  const steps = [start];
  for (const { edge, node } of links) {
    const before = steps.at(-1) ?? '';
    const along = edgeInWords(graph, edge, before);
    const step = along + nodeInWords(graph, node, along || before);
    if (step !== '') steps.push(step);
  }
  return withoutRepeats(steps)
    .join('')
    .replace(/^[. →]+/, '');
}

/** Collapses repeated steps: a linked list is as long as the leak. */
function withoutRepeats(steps: readonly string[]): string[] {
  const kept: string[] = [];
  for (const step of steps) {
    kept.push(step);
    for (let length = 1; length <= 4; length++) {
      const last = kept.slice(-length).join('');
      if (kept.length >= 2 * length && last === kept.slice(-2 * length, -length).join('')) {
        kept.length -= length;
        break;
      }
    }
  }
  return kept;
}

function startInWords(graph: HeapGraph, node: number): string {
  const name = graph.nameOf(node);
  if (graph.typeOf(node) === 'closure') return `${name || 'anonymous function'}()`;
  if (name.startsWith('system /')) return '';
  if (name.startsWith('global')) return 'globalThis';
  return name;
}

function edgeInWords(graph: HeapGraph, edge: number, before: string): string {
  const name = graph.edgeName(edge);
  switch (graph.edgeType(edge)) {
    case 'property':
      if (REPEATS.test(name) && before.endsWith(`.${name}`)) return '';
      return name === '__proto__' ? '' : `.${name.replace(/^<symbol (.*)>$/, '[$1]')}`;
    case 'context':
      return before === '' ? name : ` → variable ${name}`;
    case 'element':
      return before.endsWith('[…]') ? '' : '[…]';
    default:
      // entries of a Map or Set
      return name === 'table' && !before.endsWith('[…]') ? '[…]' : '';
  }
}

function nodeInWords(graph: HeapGraph, node: number, before: string): string {
  const name = graph.nameOf(node);
  const type = graph.typeOf(node);
  if (type === 'closure') return ` → ${name || 'anonymous function'}()`;
  if (type !== 'object' || PLAIN.has(name) || name.startsWith('system /')) return '';
  return before.endsWith(` → ${name}`) ? '' : ` → ${name}`;
}
