/**
 * What the heap holds once garbage is collected, and who allocated what it holds: for a leak that is none of the things the census
 * knows, such as a list whose links are objects, a growing string or a chain of promises.
 */
import type inspector from 'node:inspector';
import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from './base/collect-garbage.ts';
import { adopt } from './base/built-ins.ts';
import { openSession, turn } from './base/inspection.ts';
import { isUserScript } from './base/own.ts';
import type { Position } from '../protocol.ts';
import { pathOf, words } from './base/stacks.ts';

/** Collections until nothing more is given back: the memory of buffers goes a collection later. */
const MOST_COLLECTIONS = 6;
/** KiB */
const SETTLED = 16;
/** Mean distance of two samples, bytes: hundreds of samples for a leak that is worth a finding. */
const INTERVAL = 4096;
/** A line that has allocated less than this share of what stayed is not the one. */
const LEAST_SHARE = 0.2;
const LINES = 3;

/** KiB on the heap and in buffers, garbage collected first; undefined where V8 does not let us collect. */
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

/** V8 notes who allocates, one in so many bytes. */
export function sampleAllocations(): void {
  stopSampling();
  session = openSession();
  session.connect();
  session.post('HeapProfiler.startSampling', { samplingInterval: INTERVAL });
}

/** The functions whose allocations since {@link sampleAllocations} were not collected, the largest share first; none where it was not called. */
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
  /** What Node allocates for a function of the program is put down to that. */
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
      const key = words(position);
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
