import type { Limit } from './limit-kinds.ts';

const DURATIONS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const SIZES = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
] as const;

/** Value of a limit where none is given, as flags and config files write it: `10s`, `16KiB`, `[]`. */
export function writtenDefault(limit: Limit): string {
  if ('like' in limit) return limit.like;
  const { kind, fallback } = limit;
  if (typeof fallback !== 'number')
    return typeof fallback === 'string' ? fallback : `[${fallback.join(', ')}]`;
  if (kind === 'timeout' || kind === 'grace') return inUnits(fallback, DURATIONS) ?? 'off';
  return (kind === 'bytes' ? inUnits(fallback, SIZES) : undefined) ?? String(fallback);
}

/** Number in the largest unit that leaves no rest. */
function inUnits(value: number, units: readonly (readonly [string, number])[]): string | undefined {
  const fitting = units.find(([, size]) => value >= size && value % size === 0);
  return fitting && `${value / fitting[1]}${fitting[0]}`;
}

/** Whole meaning of a limit, as a sentence. */
export function meaningOf({ about, more }: Limit): string {
  const text = more === undefined ? about : `${about}; ${more}`;
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Flag of a limit: `--max-connections-per-ip`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
