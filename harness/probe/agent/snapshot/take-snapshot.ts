/**
 * Takes a heap snapshot as V8 writes it: about 0.3 s on a small heap, 3 s and more for each million of objects. Not through the inspector,
 * which writes each piece of it once more as JSON.
 */
import { writeFileSync } from 'node:fs';
import v8, { getHeapStatistics } from 'node:v8';
import { keepOut } from '../base/own.ts';

/** Size of a heap (bytes) from which no snapshot is taken: it would take minutes, and as much memory again. */
const LARGEST = 512 * 2 ** 20;

/** Reason, in words, why no snapshot of this heap can be taken; undefined if it can. */
export function noSnapshot(): string | undefined {
  const { used_heap_size: used } = getHeapStatistics();
  if (used <= LARGEST) return undefined;
  return `who keeps what has grown: a heap of ${Math.round(used / 2 ** 20)} MiB is too large for a snapshot`;
}

/** Writes a snapshot to a file that only its owner may read; resolves with null, or with the reason why there is none. */
export async function keepSnapshot(file: string): Promise<string | null> {
  const reason = noSnapshot();
  if (reason !== undefined) return reason;
  writeFileSync(file, await takeSnapshot(), { mode: 0o600 });
  return null;
}

export async function takeSnapshot(): Promise<Buffer> {
  const stream = keepOut(v8.getHeapSnapshot());
  const chunks: Buffer[] = keepOut([]);
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
