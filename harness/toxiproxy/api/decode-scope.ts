import { badBody } from '../api-error.ts';
import { fieldOf, toPlain } from '../json/plain.ts';
import type { JsonValue } from '../json/scan.ts';
import type { ToxicScope } from '../toxic.ts';

/** `connections: [1, 3]` and `every: 5` of a toxic, an extension. */
export function decodeScope(value: JsonValue): ToxicScope | undefined {
  const list = fieldOf(value, 'connections');
  const every = fieldOf(value, 'every');
  if (list === undefined && every === undefined) return undefined;
  return {
    connections: list && connectionNumbers(toPlain(list)),
    every: every && positive(toPlain(every), 'every'),
  };
}

function connectionNumbers(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw badBody('connections: must be a list of connection numbers');
  return value.map((item) => positive(item, 'connections'));
}

function positive(value: unknown, key: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw badBody(`${key}: must be a whole number above 0`);
}
