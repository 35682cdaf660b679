/**
 * Objects that come with the connections and stay, too small or too plain for any other detector: links of a list, copied lists, names,
 * closures. Objects kept by the target's code are counted by class several times: a class that grows by the same number for each
 * connection every time keeps growing.
 */
import type { HeapGraph } from './heap-graph.ts';
import { measureContents } from './heap-contents.ts';
import { Inspection, turn } from '../base/inspection.ts';
import { keepOut } from '../base/own.ts';
import { clockOffset } from '../time/clocks.ts';
import { OWN } from './ownership.ts';
import { HEAP_FINGERPRINT, type Suspect } from '../../protocol.ts';
import { type Retainers, Retainer } from './snapshot-query.ts';
import { noSnapshot } from './take-snapshot.ts';
import { pathInWords } from './retaining-path.ts';

/** Least objects a connection; a leak of only some connections has fewer than one. */
const LEAST_EACH = 0.25;
/** Largest ratio between the counts, a connection; a pool or cache that fills up adds few in the last one. */
const EVEN = 1.5;
/** Least objects of a class that is remembered: of thousands of classes a few hundred are left, and the counts themselves stay small. */
const LEAST_OBJECTS = 20;
/** Number of counts after which growth is looked for. */
const LEAST_COUNTS = 3;
/** Node types that are not counted: compiled code and V8's feedback, and what is not on its heap. */
const NOT_COUNTED = /^(code|synthetic|native|number|bigint|object shape)$/;
const LEARNT = /^hidden system \/ (?!Context|WeakCell)/;
/**
 * Objects that a program makes Node or V8 keep, counted whoever holds them: what Node's C++ keeps for it (messages that wait in a port, object
 * URLs, rules of a block list), registered symbols, instances of Node's classes. Plain objects, arrays and texts of Node's come and go.
 */
const KEPT_BY_NODE = /^(native Node \/ |symbol |object (?!Object$|Array$))/;
/** Beginning of the names of what Node's C++ keeps. */
const OF_NODE = 'Node / ';
/** Most objects of a class whose retainers are looked up: most of them are new, or the others are few. */
const ASKED = 40;
const NAMED = 3;
const LINES = 6;

type Counts = ReadonlyMap<string, number>;
type Counted = { connections: number; counts: Counts; contents: Counts; /** ms */ clock: number };
type Grown = { kind: string; growth: number; latest: number; nodes: number[] };

let counted: Counted[] = [];

/**
 * Counts objects by class. From the third call on it reports the class that has grown steadily since the first; the class with the most
 * objects gives the line.
 *
 * @param connections connections since the previous call; 0 starts over
 */
export async function findGrownObjects(connections: number): Promise<Suspect[]> {
  await turn();
  if (connections === 0) counted = keepOut([]);
  if (noSnapshot() !== undefined) return [];
  const inspection = new Inspection();
  try {
    const retainer = await Retainer.take(inspection, []);
    const contents = measureContents(retainer);
    remember(connections, countKept(retainer), new Map(contents.map(({ kind, count }) => [kind, count])));
    if (counted.length < LEAST_COUNTS) return [];
    const located = [
      ...listGrown(retainer),
      ...contents.flatMap(({ kind, node }) => grownContents(kind, node)),
    ]
      .toSorted((a, b) => rank(a) - rank(b) || b.growth - a.growth || (a.kind < b.kind ? -1 : 1))
      .map((one) => ({ ...one, ...retainers(retainer, one.nodes) }));
    const best = located.find(({ where }) => where.length > 0) ?? located[0];
    if (best === undefined) return [];
    const kinds = located.slice(0, NAMED).map(({ kind, latest }) => `${latest} × ${kind}`);
    return [
      {
        resource: 'memory',
        fingerprint: HEAP_FINGERPRINT,
        count: best.latest,
        rule: 'slope',
        where: best.where.slice(0, LINES),
        sample: `objects that stay after ${connections} connections: ${kinds.join(', ')}`,
        path: best.path,
      },
    ];
  } finally {
    inspection.close();
  }
}

function remember(connections: number, counts: Counts, contents: Counts): void {
  counted.push(keepOut({ connections, counts, contents, clock: clockOffset() }));
}

function listGrown(retainer: Retainer): Grown[] {
  const { graph } = retainer;
  const grown = new Map<string, Grown>();
  for (const kind of counted.at(-1)?.counts.keys() ?? []) {
    const one = growthOf(kind);
    if (one) grown.set(kind, one);
  }
  for (let node = 0; node < graph.nodeCount; node++) {
    const kind = keptKind(retainer, node);
    if (kind !== undefined) grown.get(kind)?.nodes.push(node);
  }
  return [...grown.values()];
}

function grownContents(kind: string, node: number): Grown[] {
  const numbers = counted.map(({ contents }) => contents.get(kind) ?? 0);
  const one = evenGrowth(kind, numbers);
  return one ? [{ ...one, nodes: [node] }] : [];
}

function growthOf(kind: string): Grown | undefined {
  return evenGrowth(
    kind,
    counted.map(({ counts }) => counts.get(kind) ?? 0),
  );
}

/**
 * Growth of a class; undefined unless it grew in each count, by the same number for each connection. Where time has passed before a count,
 * timers have fired, which may add to it: only less would tell.
 */
function evenGrowth(kind: string, numbers: readonly number[]): Grown | undefined {
  const rates = counted
    .slice(1)
    .map(({ connections }, index) => ((numbers[index + 1] ?? 0) - (numbers[index] ?? 0)) / connections);
  const waited = counted.slice(1).map(({ clock }, index) => clock > (counted[index]?.clock ?? 0));
  const [least, most] = [Math.min(...rates), Math.max(...rates.filter((_, index) => !waited[index]))];
  if (least < LEAST_EACH || most > EVEN * least) return undefined;
  const latest = (numbers.at(-1) ?? 0) - (numbers.at(-2) ?? 0);
  return { kind, growth: (numbers.at(-1) ?? 0) - (numbers[0] ?? 0), latest, nodes: [] };
}

/** Counts the objects that the target's code keeps, and those of {@link KEPT_BY_NODE}: others of Node and V8 come and go with the connections. */
function countKept(retainer: Retainer): Counts {
  const counts = new Map<string, number>();
  for (let node = 0; node < retainer.graph.nodeCount; node++) {
    const kind = keptKind(retainer, node);
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const [kind, count] of counts) if (count < LEAST_OBJECTS) counts.delete(kind);
  return keepOut(new Map(counts));
}

/** Rank of a class: objects and functions of the program tell more than V8's internal objects, and the length of a text least. */
function rank({ kind }: Grown): number {
  if (kind.startsWith('object ')) return 0;
  if (kind.startsWith('closure ')) return 1;
  return / of text \(/.test(kind) ? 3 : 2;
}

/** Kind of an object that counts, with its holder; undefined for all others. */
function keptKind({ graph, retention, owners }: Retainer, node: number): string | undefined {
  if (retention.byUser(node)) return kindOf(graph, node);
  const type = graph.typeOf(node);
  if (owners[node] === OWN || (type !== 'native' && !retention.reached(node))) return undefined;
  const kind = `${type} ${graph.nameOf(node)}`;
  return KEPT_BY_NODE.test(kind) ? `${kind} (kept by Node)` : undefined;
}

function kindOf(graph: HeapGraph, node: number): string | undefined {
  const type = graph.typeOf(node);
  if (NOT_COUNTED.test(type) && !(type === 'native' && graph.nameOf(node).startsWith(OF_NODE)))
    return undefined;
  if (/string/.test(type)) return 'string';
  const kind = `${type} ${graph.nameOf(node)}`;
  return LEARNT.test(kind) ? undefined : kind;
}

/** Path and lines that keep most of the nodes. */
function retainers(retainer: Retainer, nodes: readonly number[]): Retainers {
  const { graph, retention } = retainer;
  const step = Math.max(1, Math.floor(nodes.length / ASKED));
  const byPath = new Map<string, number[]>();
  for (let at = 0; at < nodes.length; at += step) {
    const node = nodes[at] ?? 0;
    const path = pathInWords(graph, retention.chain(node));
    byPath.set(path, [...(byPath.get(path) ?? []), node]);
  }
  const [most] = [...byPath.values()].toSorted((a, b) => b.length - a.length);
  const node = most?.[0] ?? 0;
  return retainer.retainers({ node, through: retention.ancestors(node) });
}
