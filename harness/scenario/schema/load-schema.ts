import { bytes, duration, scalar } from '../../../shared/yaml-file/values/scalar-fields.ts';
import * as z from '../../../shared/vendor/zod.ts';
import type { Load, LoadLimits } from '../background-load.ts';

/** Longest load, ms. */
const LONGEST = 60_000;

/** Most bytes of a body: a load is about requests, not about bytes. */
const LARGEST = 1024 * 1024;

const body = bytes.refine((size) => size <= LARGEST, 'must be 1MiB or less');

/** Schema of `load`: requests in the background. */
export const loadSchema = z
  .strictObject({
    connections: z.int().min(1).max(200).default(10),
    rate: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Requests a second over all connections; by default as fast as they are answered.'),
    duration: duration(100, LONGEST, 'from 100ms to 1m').default(2000),
    pipelining: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('Requests under way on a connection at a time; over h2: streams.'),
    method: z
      .string()
      .regex(/^[A-Z]+$/)
      .optional()
      .describe('By default GET, or POST with a body.'),
    path: z.string().regex(/^\//, 'must begin with /').default('/'),
    body: body.default(0).describe('Bytes of the body of each request.'),
    answer: body.default(64).describe('Bytes of the body of each answer of the upstream.'),
  })
  .transform(({ rate, method, ...rest }): Load => ({
    ...rest,
    method: method ?? (rest.body > 0 ? 'POST' : 'GET'),
    ...(rate === undefined ? {} : { rate }),
  }));

const atMost = scalar(
  'at most a share or a number of requests, such as `<= 1%` or `<= 5`',
  (value): LoadLimits['errors'] => {
    const [, number, percent] = /^(?:<= ?)?(\d+(?:\.\d+)?)(%)?$/.exec(String(value)) ?? [];
    if (number === undefined) return undefined;
    if (percent !== undefined) return Number(number) <= 100 ? { share: Number(number) / 100 } : undefined;
    return Number.isInteger(Number(number)) ? { count: Number(number) } : undefined;
  },
  '^(<= ?)?\\d+(\\.\\d+)?%?$',
);

/** Schema of `expect.load`. */
export const loadLimits = z
  .strictObject({
    errors: atMost.optional().describe('Most requests that may fail: `<= 1%` of all, or `<= 5`.'),
    p99: duration(1, LONGEST, 'from 1ms to 1m')
      .optional()
      .describe('Time in which 99 of 100 answers must have come.'),
  })
  .transform(({ errors, p99 }): LoadLimits => ({
    ...(errors === undefined ? {} : { errors }),
    ...(p99 === undefined ? {} : { p99 }),
  }));
