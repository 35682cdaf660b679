import { ms, type StringValue } from '../../vendor/ms.ts';

/**
 * Parses a duration to milliseconds: `300ms`, `5s`, `1.5m`, or a bare number of milliseconds. `undefined` if it is none, or negative.
 *
 * @example
 * parseDuration('5s'); // 5000
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && isDuration(value) ? ms(value) : undefined;
}

/** Whether a text is a duration; stricter than `ms` itself, which accepts `-1 yrs` too. */
const isDuration = (text: string): text is StringValue => /^\d+(\.\d+)?(ms|s|m|h)$/.test(text);
