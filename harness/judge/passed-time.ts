import type { Evidence } from './evidence.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/**
 * Time that passed inside the target in this case, in words; undefined if none did.
 *
 * @example
 * passedTime({ advanced: [{ ms: 90_000_000, left: 0 }] }); // '25 h'
 */
export function passedTime({ advanced }: Pick<Evidence, 'advanced'>): string | undefined {
  const ms = advanced.reduce((sum, one) => sum + one.ms - one.left, 0);
  return ms <= 0 ? undefined : timeInWords(ms);
}

/** Time of at least a second in its largest unit: `25 h`, `2.5 s`. */
export function timeInWords(ms: number): string {
  if (ms >= HOUR) return `${Math.round(ms / HOUR)} h`;
  return ms >= MINUTE ? `${Math.round(ms / MINUTE)} min` : `${Math.round(ms / 100) / 10} s`;
}
