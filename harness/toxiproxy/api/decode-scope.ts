import { z } from 'zod';
import { badBody } from '../api-error.ts';
import { fieldOf, toPlain } from '../json/plain.ts';
import type { JsonValue } from '../json/scan.ts';
import type { ToxicScope } from '../toxic.ts';

const every = z.int().min(1);
const connections = z.array(every).min(1);

/** `connections: [1, 3]` and `every: 5` of a toxic, an extension. */
export function decodeScope(value: JsonValue): ToxicScope | undefined {
  const scope = {
    connections: checked(connections, value, 'connections'),
    every: checked(every, value, 'every'),
  };
  return scope.connections === undefined && scope.every === undefined ? undefined : scope;
}

/** A field that a schema describes; undefined if it is not there. */
export function checked<T>(schema: z.ZodType<T>, value: JsonValue, key: string): T | undefined {
  const field = fieldOf(value, key);
  if (field === undefined) return undefined;
  const result = schema.safeParse(toPlain(field));
  if (result.success) return result.data;
  throw badBody(`${key}: ${result.error.issues[0]?.message ?? 'invalid'}`);
}
