/** Printable value: JSON, with integers of any size. */
export type Printable =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Printable[]
  | ReadonlyMap<string, Printable>
  | { readonly [key: string]: Printable };

/** Prints as Go's `json.Marshal`: no spaces, `<`, `>`, `&` and the Unicode line ends escaped. */
export function printJson(value: Printable): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return printString(value);
  if (isArray(value)) return `[${value.map(printJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    // An object would put keys like "10" first; a map keeps the order it was given.
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return `{${entries.map(([key, item]) => `${printString(key)}:${printJson(item)}`).join(',')}}`;
  }
  // JSON.stringify drops the sign of -0; Go does not.
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

/** The shortest decimal that is this float32. */
export function shortestFloat32(value: number): number {
  if (value === 0) return value;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function isArray(value: Printable): value is readonly Printable[] {
  return Array.isArray(value);
}

function printString(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
