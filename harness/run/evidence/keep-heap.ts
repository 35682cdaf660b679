import type { ContextBeforeBaseline } from '../case-context.ts';
import { ENDINGS } from './evidence-order.ts';

/** Keeps a heap snapshot of the target, if it is asked for and the target has a probe. Says so where there can be none. */
export async function keepHeap({
  lab: { evidence, probe },
  recorder,
}: Pick<ContextBeforeBaseline, 'lab' | 'recorder'>): Promise<void> {
  if (evidence?.heap !== true) return;
  const reason =
    probe === undefined
      ? 'its heap: only a Node.js target that lastfin starts has a probe inside'
      : await probe.keepHeap(`${evidence.prefix}${ENDINGS.heapsnapshot}`);
  if (reason !== undefined) recorder.write({ type: 'blind', what: reason });
}
