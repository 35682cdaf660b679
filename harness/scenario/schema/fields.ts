import * as z from '../../../shared/vendor/zod.ts';
import { parseBytes } from '../../../shared/yaml-file/values/bytes.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { scalar } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { parseDuration } from '../../../shared/yaml-file/values/duration.ts';
import type { Count } from '../trigger.ts';
import type { CountRange } from '../expectations.ts';
import type { Pace } from '../step.ts';
import { isRecord } from '../../../shared/yaml-file/schema-issues.ts';

/** Most connections of one round: beyond it a single machine measures itself. */
export const MAX_CONNECTIONS = 10_000;

const parseCount = (value: string | number): Count | undefined => {
  if (value === 'all') return 'all';
  const count = typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : Number.NaN;
  return Number.isInteger(count) && count >= 0 && count <= MAX_CONNECTIONS ? count : undefined;
};

/** Count: `20` or `all`. */
export const count = scalar('a count from 0 to 10000, or `all`', parseCount, '^(\\d+|all)$');

/** Range of counts: `20`, `all`, `1..20`, `0..all`. */
export const countRange = scalar(
  'a count, `all`, or a range such as 1..20 or 0..all',
  (value): CountRange | undefined => {
    const [low = '', high] = typeof value === 'string' ? value.split('..') : [value];
    const min = parseCount(low);
    const max = high === undefined ? min : parseCount(high);
    if (min === undefined || max === undefined) return undefined;
    const backwards = max !== 'all' && (min === 'all' || min > max);
    return backwards ? undefined : { min, max };
  },
  '^(\\d+|all)(\\.\\.(\\d+|all))?$',
);

/** Endings that a script can wait for, instead of bytes. */
const ENDINGS = ['end', 'reset', 'closed', 'request', 'answer', 'failure', 'cancelled', 'goaway'] as const;

export const bytesOrEnding = scalar(`bytes, or one of ${ENDINGS.join(', ')}`, (value) => {
  const ending = ENDINGS.find((one) => one === value);
  return (
    ending ??
    parseBytes(value) ??
    (typeof value === 'string' && !/^\d/.test(value) ? { unknown: value } : undefined)
  );
}).transform((value, context) => {
  if (typeof value !== 'object') return value;
  const message = `must be bytes or an ending, not \`${value.unknown}\`${suggestion(value.unknown, ENDINGS)}`;
  context.issues.push({ code: 'custom', message, input: value.unknown });
  return z.NEVER;
});

/** Pace such as `10B/100ms`: bytes at a time, and the rest after them. */
export const pace = scalar(
  'bytes and the rest after them, such as 10B/100ms',
  (value): Pace | undefined => {
    const [amount = '', rest, ...more] = String(value).split('/');
    const [bytes, every] = [parseBytes(amount), parseDuration(rest)];
    return bytes === undefined || bytes < 1 || every === undefined || more.length > 0
      ? undefined
      : { bytes, every };
  },
  '^\\d+ ?(B|KiB|MiB|GiB)?/\\d+(\\.\\d+)?(ms|s|m|h)$',
);

/**
 * Preprocesses `open` and `{ send: 64 }` into maps with a `tag`, by which zod tells the forms apart.
 * Their own keys stay in place, so that paths of issues are paths in the file.
 */
export const byKey =
  (tag: 'step' | 'state' | 'trigger') =>
  (value: unknown): unknown => {
    if (typeof value === 'string') return { [tag]: value };
    // the tag comes last: a file that writes it itself (`{ step: send }`) is wrong, and must stay so
    return isRecord(value) ? { ...value, [tag]: Object.keys(value)[0] } : value;
  };
