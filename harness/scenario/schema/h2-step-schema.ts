import * as z from '../../../shared/vendor/zod.ts';
import { bytes } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { H2_CODES, type H2Code } from '../h2-codes.ts';
import type { H2Settings, Step } from '../step.ts';

/** Most frames of a header block without an end: enough to tell whether the target bounds it. */
const MOST_FRAMES = 10_000;

/** Largest window of a stream (RFC 9113, 6.5.2). */
const LARGEST_WINDOW = 2 ** 31 - 1;

const codeOf = z.enum(Object.keys(H2_CODES) as [H2Code, ...H2Code[]]);

/** Step that is written alone, or with the code of its frame. */
const withCode = <const K extends 'cancel' | 'goaway'>(kind: K, usual: H2Code, what: string) =>
  z
    .strictObject({ step: z.literal(kind), [kind]: codeOf.optional().describe(what) })
    .transform((step): Step => ({
      kind,
      code: ((step as Record<string, unknown>)[kind] as H2Code | undefined) ?? usual,
    }));

/** Schemas of the steps that only HTTP/2 has. */
export const H2_STEPS = [
  withCode('cancel', 'cancel', 'Code of the RST_STREAM; `cancel` where none is given.'),
  withCode('goaway', 'no-error', 'Code of the GOAWAY; `no-error` where none is given.'),
  z
    .strictObject({
      step: z.literal('settings'),
      settings: z.strictObject({
        streams: z.int().min(0).max(100_000).optional().describe('Streams that the peer may open at a time.'),
        window: bytes
          .refine((size) => size <= LARGEST_WINDOW, 'must be less than 2GiB: the largest window of a stream')
          .optional()
          .describe('Bytes that the peer may send on a stream before it is given more room.'),
      }),
    })
    .transform(({ settings: { streams, window } }): Step => {
      const settings: H2Settings = {
        ...(streams === undefined ? {} : { streams }),
        ...(window === undefined ? {} : { window }),
      };
      return { kind: 'settings', settings };
    }),
  z.strictObject({ step: z.literal('freeze') }).transform((): Step => ({ kind: 'freeze' })),
  z
    .strictObject({
      step: z.literal('continuation'),
      continuation: z
        .int()
        .min(1)
        .max(MOST_FRAMES)
        .describe('Frames of a head of a request that does not end.'),
    })
    .transform((step): Step => ({ kind: 'continuation', frames: step.continuation })),
  z.strictObject({ step: z.literal('half-head') }).transform((): Step => ({ kind: 'half-head' })),
] as const;
