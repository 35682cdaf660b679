import * as z from '../../shared/vendor/zod.ts';
import { parseBytes } from '../../shared/yaml-file/values/bytes.ts';
import { parseDuration } from '../../shared/yaml-file/values/duration.ts';
import { scalar } from '../../shared/yaml-file/values/scalar-fields.ts';
import { KEEP_ALIVE_TREATMENTS, type Limit, type LimitKind, type ValueOf } from '../limits/limit-kinds.ts';
import { LIMITS_BY_NAME } from '../limits/limit-table.ts';
import { meaningOf } from '../limits/limit-text.ts';
import type { Limits } from '../limits/limits.ts';
import { MAX_DURATION } from '../settings.ts';
import { network } from './network.ts';

const DURATION = '\\d+(\\.\\d+)?(ms|s|m|h)';

/** `10s`, or `off` for 0 */
const limit = scalar(
  'a duration up to 596h, such as 500ms or 10m, or off',
  (value) => {
    const read = value === 'off' ? 0 : parseDuration(value);
    return read === undefined || read > MAX_DURATION ? undefined : Math.round(read);
  },
  `^(off|${DURATION})$`,
);

/** A grace has no `off`: without an end to it, a peer that ignores our FIN would be held for ever. */
const grace = scalar(
  'a duration up to 596h, such as 500ms or 10s',
  (value) => {
    const read = parseDuration(value);
    return read === undefined || read > MAX_DURATION ? undefined : Math.round(read);
  },
  `^${DURATION}$`,
);

const bytes = (min: number) =>
  scalar(
    `${min} bytes or more, such as 16KiB`,
    (value) => {
      const read = parseBytes(value);
      return read === undefined || read < min || read > MAX_DURATION ? undefined : read;
    },
    '^\\d+ ?(B|KiB|MiB|GiB)?$',
  );

/** Schema of each kind's value. */
const SCHEMAS = {
  timeout: limit,
  grace,
  count: z.int().min(0),
  pool: z.int().min(0),
  factor: z.number().min(1),
  networks: z.array(network),
  treatment: z.enum(KEEP_ALIVE_TREATMENTS),
} satisfies { [Kind in Exclude<LimitKind, 'bytes'>]: z.ZodType<ValueOf<Kind>> };

const schemaOf = (one: Limit): z.ZodType => (one.kind === 'bytes' ? bytes(one.least) : SCHEMAS[one.kind]);

const fields = Object.fromEntries(
  LIMITS_BY_NAME.map(([name, one]) => [name, schemaOf(one).optional().describe(meaningOf(one))]),
) as unknown as { [Name in keyof Limits]: z.ZodType<Limits[Name] | undefined> };

/** Limits of a config file, all of them optional. */
export const limitsSchema = z.strictObject(fields);
