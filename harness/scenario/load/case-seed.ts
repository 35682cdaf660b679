/**
 * Derives a 32-bit seed for a case from the run's seed and the id, the same on every machine and version (FNV-1a, then a final mix,
 * so that ids that differ in their last letter get entirely different seeds).
 *
 * @example
 * caseSeed(1, 'faults/client-reset'); // a number from 0 to 4294967295
 */
export function caseSeed(seed: number, id: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(`${seed}:${id}`)) {
    hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
