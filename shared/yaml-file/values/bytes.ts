const UNITS = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);

/**
 * Parses a number of bytes: `64`, `64KiB`, `1MiB`. `undefined` if it is none. Decimal units (`kB`) are rejected: being off by 24
 * bytes a kilobyte is a bug that nobody sees.
 *
 * @example
 * parseBytes('64KiB'); // 65536
 */
export function parseBytes(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, digits, unit = 'B'] = /^(\d+) ?(B|KiB|MiB|GiB)?$/.exec(value) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * (UNITS.get(unit) ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
