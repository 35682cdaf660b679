import * as z from '../../shared/vendor/zod.ts';

import { RESOURCES } from '../resource.ts';

/**
 * Parts of the protocol as a target writes them, and as they stand in journals. Fields that a later lastfin adds are let through.
 */
export const numbers = z.record(z.string(), z.number());

export const positionSchema = z.looseObject({ file: z.string(), line: z.number(), column: z.number() });

export const sampleSchema = z.looseObject({
  gauges: numbers,
  counters: numbers,
  terminations: z.looseObject({ incoming: numbers, outgoing: numbers }),
  resources: numbers,
  fds: numbers,
  heapUsed: z.number(),
});

export const suspectSchema = z.looseObject({
  resource: z.enum(RESOURCES),
  fingerprint: z.string(),
  count: z.number(),
  rule: z.enum(['presence', 'growth', 'pace', 'slope']),
  where: z.array(positionSchema),
  sample: z.string(),
  path: z.string().optional(),
  alsoRetains: z.number().optional(),
});

export const livesSchema = z.array(
  z.looseObject({
    side: z.enum(['incoming', 'outgoing']),
    count: z.number(),
    open: z.boolean(),
    steps: z.array(
      z.looseObject({
        kind: z.enum(['came', 'called', 'ended']),
        what: z.string(),
        at: z.number(),
        detail: z.string().optional(),
        where: z.array(positionSchema),
        usual: z.number().optional(),
        reason: z.number().optional(),
      }),
    ),
  }),
);
