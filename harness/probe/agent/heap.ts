/**
 * Size of the heap after garbage collection, and the lines that allocated its content: for leaks of none of the kinds in the census, such
 * as a list whose links are objects, a growing string or a chain of promises.
 */
import type inspector from 'node:inspector';
import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from './base/collect-garbage.ts';
import { adopt } from './base/built-ins.ts';
import { openSession, turn } from './base/inspection.ts';
import { isUserScript } from './base/own.ts';
import type { Position } from '../protocol.ts';
import { pathOf, positionText } from './base/stacks.ts';

/** Most garbage collections before the heap counts as settled: the memory of buffers is freed a collection later. */
const MOST_COLLECTIONS = 6;
/** Growth or shrinkage that still counts as settled, KiB. */
const SETTLED = 16;
/** Mean distance of two samples, bytes: gives hundreds of samples for a leak that is worth a finding. */
const INTERVAL = 4096;
/** Least share of the retained memory that a line must have allocated to be named. */
const LEAST_SHARE = 0.2;
const LINES = 3;

/** Size of heap and buffers after garbage collection, KiB; undefined if V8 does not allow the collection. */
export async function keptHeap(): Promise<number | undefined> {
  let least = Infinity;
  for (let i = 0; i < MOST_COLLECTIONS; i++) {
    await turn();
    if (!collectGarbage()) return undefined;
    const { used_heap_size: heapUsed, external_memory: external } = getHeapStatistics();
    const now = Math.round((heapUsed + external) / 1024);
    if (now > least - SETTLED) break;
    least = now;
  }
  return least;
}

type SampledNode = {
  callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
  selfSize: number;
  children: SampledNode[];
};

let session: inspector.Session | undefined;

/** Starts V8's sampling of allocations. */
export function sampleAllocations(): void {
  stopSampling();
  session = openSession();
  session.connect();
  session.post('HeapProfiler.startSampling', { samplingInterval: INTERVAL });
}

/** Functions with allocations since {@link sampleAllocations} that survived, largest share first; empty if it was not called. */
export function allocatedBy(): Position[] {
  if (session === undefined) return [];
  let head: SampledNode | undefined;
  session.post('HeapProfiler.collectGarbage');
  session.post('HeapProfiler.getSamplingProfile', (_, answer) => {
    head = answer?.profile.head as SampledNode | undefined;
  });
  stopSampling();
  return head === undefined ? [] : largest(head);
}

function stopSampling(): void {
  session?.post('HeapProfiler.stopSampling');
  session?.disconnect();
  session = undefined;
}

function largest(head: SampledNode): Position[] {
  const sizes = new Map<string, { position: Position; size: number }>();
  let all = 0;
  /** Adds up samples; what Node allocates for a function of the program is attributed to that function. */
  const visit = ({ callFrame, selfSize, children }: SampledNode, above: Position | undefined): void => {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    const position = isUserScript(url)
      ? {
          file: pathOf(url),
          line: lineNumber + 1,
          column: columnNumber + 1,
          ...(functionName === '' ? {} : { name: functionName }),
        }
      : above;
    all += selfSize;
    if (position !== undefined && selfSize > 0) {
      const key = positionText(position);
      const known = sizes.get(key);
      sizes.set(key, { position, size: (known?.size ?? 0) + selfSize });
    }
    for (const child of adopt(children)) visit(child, position);
  };
  visit(head, undefined);
  return [...sizes.values()]
    .filter(({ size }) => size >= LEAST_SHARE * all)
    .toSorted((a, b) => b.size - a.size)
    .slice(0, LINES)
    .map(({ position }) => position);
}
