import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { cuts } from './slicer.ts';

test('pieces cover the chunk, in order, none larger than average + variation, none empty', () => {
  const number = fc.bigInt({ min: -50n, max: 2000n });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32_768 }),
      number,
      number,
      fc.bigInt(),
      (length, average, variation, seed) => {
        const ends = cuts(
          length,
          { average_size: average, size_variation: variation },
          seededRandom(seed, ''),
        );
        const sizes = ends.map((end, at) => end - (ends[at - 1] ?? 0));
        expect(ends.at(-1)).toBe(length);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.max(1, Number(average + variation)));
      },
    ),
  );
});
