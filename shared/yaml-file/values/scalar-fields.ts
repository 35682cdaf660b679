import * as z from '../../vendor/zod.ts';
import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';
import { show } from '../schema-issues.ts';

/** Schema of a scalar with several notations, read by `read`; error `must be <what>, not <given>`. */
export function scalar<T>(what: string, read: (value: string | number) => T | undefined, pattern?: string) {
  const message = (given: unknown): string => `must be ${what}, not ${show(given)}`;
  const text = pattern === undefined ? z.string() : z.string().meta({ pattern });
  return z
    .union([z.number(), text], { error: (issue) => message(issue.input) })
    .transform((value, context): T => {
      const parsed = read(value);
      if (parsed !== undefined) return parsed;
      context.issues.push({ code: 'custom', message: message(value), input: value });
      return z.NEVER;
    });
}

/** Number of bytes, with the words that an error says on it. */
export const bytesAs = (what: string) => scalar(what, parseBytes, '^\\d+ ?(B|KiB|MiB|GiB)?$');

/** Number of bytes: `64`, `64KiB`, `1MiB`. */
export const bytes = bytesAs('a number of bytes, such as 64, 64KiB or 1MiB');

/** Duration between two bounds in milliseconds: `300ms`, `5s`. */
export const duration = (min: number, max: number, bounds: string) =>
  scalar(
    `a duration ${bounds}, such as 300ms or 5s`,
    (value) => {
      const read = parseDuration(value);
      return read === undefined || read < min || read > max ? undefined : read;
    },
    '^\\d+(\\.\\d+)?(ms|s|m|h)$',
  );
