import { ms, type StringValue } from '../../vendor/ms.ts';

/**
 * Milliseconds of a duration as people write it: `300ms`, `5s`, `1.5m`, or a bare number of milliseconds. `undefined`
 * when it is none, or negative.
 *
 * @example
 * parseDuration('5s'); // 5000
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && isDuration(value) ? ms(value) : undefined;
}

/** Stricter than `ms` itself, which takes `-1 yrs` too. */
const isDuration = (text: string): text is StringValue => /^\d+(\.\d+)?(ms|s|m|h)$/.test(text);
