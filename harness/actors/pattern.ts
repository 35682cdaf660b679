/**
 * Bytes that actors send: a fixed pseudo-random sequence with a prime period, so that a lost, repeated or moved piece shows at its first
 * byte, whatever the chunking. Each connection begins at another place, identified by its first byte, so that bytes of another connection
 * show, too, even at the same offset.
 */
const PERIOD = 65_521;

const table = ((): Buffer => {
  const bytes = Buffer.alloc(PERIOD * 2);
  // xorshift32: any full-period generator works if both sides use the same
  let x = 0x9e3779b9;
  for (let i = 0; i < PERIOD; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x & 0xff;
  }
  bytes.copy(bytes, PERIOD, 0, PERIOD);
  return bytes;
})();

/** First place of each byte value in the sequence. */
const places = Array.from({ length: 256 }, (_, byte) => table.indexOf(byte));

/** Place in the sequence that begins with this byte. */
export function beginningWith(byte: number): number {
  return places[byte & 0xff] ?? 0;
}

/** Bytes from `offset` on, at most `length` and at most one period; a read-only view. */
export function patternAt(beginning: number, offset: number, length: number): Buffer {
  const start = (beginning + offset) % PERIOD;
  return table.subarray(start, start + Math.min(length, PERIOD));
}

/** Offset in the stream of the first byte of `chunk` that does not match, or -1. `offset`: position of the chunk in the stream. */
export function firstMismatch(chunk: Buffer, beginning: number, offset: number): number {
  for (let at = 0; at < chunk.length;) {
    const wanted = patternAt(beginning, offset + at, chunk.length - at);
    const got = chunk.subarray(at, at + wanted.length);
    if (!got.equals(wanted)) {
      for (let i = 0; i < got.length; i++) if (got[i] !== wanted[i]) return offset + at + i;
    }
    at += wanted.length;
  }
  return -1;
}
