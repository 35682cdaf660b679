const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const NANOSECONDS_PER_MICROSECOND = 1_000n;

/** An attribute in milliseconds as milliseconds, wrapping where Go's `time.Duration` (64-bit nanoseconds) does. */
export function milliseconds(value = 0n): number {
  return Number(BigInt.asIntN(64, value * NANOSECONDS_PER_MILLISECOND)) / 1e6;
}

/** An attribute in microseconds as milliseconds, wrapping as {@link milliseconds} does. */
export function microseconds(value = 0n): number {
  return Number(BigInt.asIntN(64, value * NANOSECONDS_PER_MICROSECOND)) / 1e6;
}
