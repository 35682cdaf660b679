import type { Evidence } from './evidence.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/**
 * Time that the case let pass inside the target, in words; undefined where it let none pass.
 *
 * @example
 * passedTime({ advanced: [{ ms: 90_000_000, left: 0 }] }); // '25 h'
 */
export function passedTime({ advanced }: Pick<Evidence, 'advanced'>): string | undefined {
  const ms = advanced.reduce((sum, one) => sum + one.ms - one.left, 0);
  if (ms <= 0) return undefined;
  if (ms >= HOUR) return `${Math.round(ms / HOUR)} h`;
  return ms >= MINUTE ? `${Math.round(ms / MINUTE)} min` : `${Math.round(ms / 1000)} s`;
}
