import type { JsonValue } from './scan.ts';

/** As `JSON.parse` gives it. */
export function toPlain(value: JsonValue): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'number':
      return Number(value.text);
    case 'array':
      return value.items.map(toPlain);
    case 'object':
      return Object.fromEntries(value.entries.map(([key, item]) => [key, toPlain(item)]));
    default:
      return value.value;
  }
}

/** The last value of a key, in any case of letters, that is not null. */
export function fieldOf(value: JsonValue, key: string): JsonValue | undefined {
  if (value.kind !== 'object') return undefined;
  const item = value.entries.findLast(([name]) => name.toLowerCase() === key)?.[1];
  return item?.kind === 'null' ? undefined : item;
}
