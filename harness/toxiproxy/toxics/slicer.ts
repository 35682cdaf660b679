import { microseconds } from './duration.ts';
import { END, INTERRUPTED, type Attributes, type ToxicKind } from './toxic-kind.ts';

/** Cuts chunks in pieces of about `average_size` ± `size_variation` bytes, and waits `delay` microseconds after each. */
export const slicer: ToxicKind = {
  type: 'slicer',
  goName: 'SlicerToxic',
  attributes: { average_size: 'int', size_variation: 'int', delay: 'int' },
  bufferSize: 0,
  async pipe(flow, attributes) {
    for (;;) {
      const chunk = await flow.take();
      if (chunk === INTERRUPTED) return;
      if (chunk === END) return flow.close();
      let sent = 0;
      for (const end of cuts(chunk.data.length, attributes, flow.random)) {
        const piece = chunk.data.subarray(sent, end);
        sent = end;
        const goesOn =
          (await flow.put(piece, chunk.receivedAt)) && (await flow.sleep(microseconds(attributes['delay'])));
        if (!goesOn) return flow.flush(chunk.data.subarray(sent), chunk.receivedAt);
      }
    }
  },
};

/** Ends of the pieces of a chunk of `length` bytes: halved, with variation, until they are small enough. */
export function cuts(length: number, attributes: Attributes, random: () => number): number[] {
  const average = Number(attributes['average_size'] ?? 0n);
  const variation = Number(attributes['size_variation'] ?? 0n);
  // The real server recurses until it dies when even one byte is too large; here such a toxic cuts single bytes.
  const small = Math.max(1, average + variation);
  const ends: number[] = [];
  const cut = (start: number, end: number): void => {
    if (end - start <= small) {
      ends.push(end);
      return;
    }
    let middle = start + Math.floor((end - start) / 2);
    if (variation > 0) middle += Math.floor(random() * variation * 2) - variation;
    // A variation above the average can cut outside the chunk, of which the real server may die.
    middle = Math.min(Math.max(middle, start + 1), end - 1);
    cut(start, middle);
    cut(middle, end);
  };
  cut(0, length);
  return ends;
}
