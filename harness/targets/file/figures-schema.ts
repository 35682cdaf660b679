import { countGroups, type Pattern, readPattern } from '../../../shared/yaml-file/pattern.ts';
import * as z from '../../../shared/vendor/zod.ts';
import { parseSelector } from '../figures/prometheus.ts';

export const pattern = z.string().transform((text, context): Pattern => {
  try {
    return readPattern(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.issues.push({ code: 'custom', message: `is no regular expression: ${why}`, input: text });
    return z.NEVER;
  }
});

const field = z.string().min(1).optional();

const endPattern = z.strictObject({
  pattern: pattern.describe(
    'Lines that it fits; named groups say what: (?<id>…), incoming, outgoing, bytesIn, bytesOut, …',
  ),
});

const endFields = z.strictObject({
  match: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe('Fields that such a line has, with these values.'),
  fields: z
    .strictObject({
      id: field,
      count: field,
      incoming: field,
      outgoing: field,
      bytesIn: field,
      bytesOut: field,
      upstreamBytesIn: field,
      upstreamBytesOut: field,
      clientAddress: field,
      clientPort: field,
    })
    .describe('What the line calls each fact.'),
});

export const ends = z.union([endFields, endPattern], {
  error: 'must be { match: {...}, fields: {...} } for JSON lines, or { pattern: ... }',
});

const selector = z
  .string()
  .refine(
    (text) => parseSelector(text) !== undefined,
    'must be a metric, such as open or ends{side="client"}',
  );
const selectors = z.record(z.string(), selector).default({});

export const metrics = z.strictObject({
  url: z
    .string()
    .default('http://{{admin.address}}/metrics')
    .describe('Page in the text format of Prometheus.'),
  gauges: selectors.describe('Live counts: `records`, `outgoing`, or any name → metric.'),
  counters: selectors.describe('Counts that only grow: `accepted`, `outgoing_created` → metric.'),
  terminations: z
    .strictObject({
      incoming: selector.optional(),
      outgoing: selector.optional(),
      reason: z.string().min(1).default('reason').describe('The label that says the reason.'),
    })
    .optional()
    .describe('Counters of ended sides by reason.'),
});

export const logGauge = z.union(
  [
    z.strictObject({
      value: pattern.refine(
        (given) => countGroups(given) > 0,
        'has no group: the figure is what the first one fits, as in open=(\\d+)',
      ),
    }),
    z.strictObject({ up: pattern, down: pattern }),
  ],
  { error: "must be { value: 'open=(\\d+)' }, or { up: 'opened', down: 'closed' }" },
);
