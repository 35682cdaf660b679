/**
 * A heap snapshot, as V8 writes it: about 0.3 s on a small heap, 3 s and more for each million of objects. Not through the inspector, which writes
 * each piece of it once more as JSON.
 */
import v8, { getHeapStatistics } from 'node:v8';
import { keepOut } from '../base/own.ts';

/** Bytes of a heap whose snapshot is not taken any more: it takes minutes, and as much memory again. */
const LARGEST = 512 * 2 ** 20;

/** Why no snapshot can be taken of this heap, in words; undefined where one can. */
export function noSnapshot(): string | undefined {
  const { used_heap_size: used } = getHeapStatistics();
  if (used <= LARGEST) return undefined;
  return `who keeps what has grown: a heap of ${Math.round(used / 2 ** 20)} MiB is too large for a snapshot`;
}

export async function takeSnapshot(): Promise<Buffer> {
  const stream = keepOut(v8.getHeapSnapshot());
  const chunks: Buffer[] = keepOut([]);
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
