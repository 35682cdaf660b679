import * as z from '../../../shared/vendor/zod.ts';

import { FIDELITIES } from '../../fidelities.ts';
import { FINDING_KINDS, LEAK_RESOURCES } from '../../resource.ts';

export const count = z.int().min(0);
export const counts = z.record(z.string(), z.number());
export const ms = z.number().min(0).describe('milliseconds');
export const position = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  name: z.string().optional(),
  code: z.string().optional().describe('the source line, where the function has no name'),
});
const side = z.enum(['incoming', 'outgoing']);
const actor = z.enum(['client', 'upstream']);
export const exempt = z
  .object({
    owner: z.string(),
    reason: z.string(),
    expires: z.string().describe('last day on which it does not fail'),
    expired: z.literal(true).optional(),
  })
  .optional();
/** Fields that all findings have. */
export const common = {
  message: z.string().describe('the finding in one line'),
  fingerprint: z
    .string()
    .describe(
      'the same for the same mistake in every run and case: no counts, ports, ids or names of scenarios',
    ),
  identity: z
    .string()
    .optional()
    .describe(
      'the finding for known findings and comparisons: holds when lines move; absent where it is the fingerprint',
    ),
  known: exempt.describe('listed among the known findings: it does not fail the run unless expired'),
  follows: z
    .string()
    .optional()
    .describe(
      'fingerprint of the finding of this case that it is a consequence of; absent where it is a cause',
    ),
  lives: z
    .array(
      z.object({
        side,
        count: z.number().describe('sockets that lived alike'),
        open: z.boolean().describe('whether they were open still'),
        steps: z.array(
          z.object({
            kind: z.enum(['came', 'called', 'ended']).describe('an event, a call, or the call that ended it'),
            what: z.string(),
            at: z.number().describe('ms since the first step of any socket'),
            detail: z.string().optional(),
            where: z.array(position).describe('listeners of the event, or the stack of the call'),
            usual: z
              .number()
              .optional()
              .describe('number of the first lines that a connection of the warm-up came through, too'),
            reason: z
              .number()
              .optional()
              .describe('index of the line whose code names a reason that connections ended with'),
          }),
        ),
      }),
    )
    .optional()
    .describe("how the target's sockets lived, as another run of the case saw it"),
};
export const kind = z.enum(FINDING_KINDS);
export const source = z.object({ file: z.string(), line: z.number(), column: z.number() });
export const fidelity = z.enum(FIDELITIES);
export const verdict = z.enum(['passed', 'failed', 'flaky', 'skipped', 'error']);
export const resource = z.enum(LEAK_RESOURCES);

export const finding = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('leak'),
    ...common,
    resource,
    count: z.number().describe('how many the judged round left behind'),
    where: z.array(position).describe('the lines that made it, most telling first'),
    sample: z.string(),
    path: z.string().optional().describe('from a root of the heap'),
    alsoRetains: z.number().optional(),
    hold: z
      .enum(['hard', 'peer-held', 'bounded'])
      .describe(
        'peer-held: it cleared when the peers let go; bounded: a timer ends it later than the drain limit',
      ),
  }),
  z.object({
    kind: z.literal('termination'),
    ...common,
    side,
    reason: z.string(),
    expected: z.string(),
    actual: z.number(),
  }),
  z.object({
    kind: z.literal('seen'),
    ...common,
    actor,
    seen: z.string(),
    expected: z.string(),
    actual: z.number(),
  }),
  z.object({
    kind: z.literal('invariant'),
    ...common,
    invariant: z.enum(['conservation', 'one-end', 'bytes', 'log', 'announced', 'figures']),
    detail: z.string(),
  }),
  z.object({ kind: z.literal('step'), ...common, actor, step: z.string(), connections: z.number() }),
  z.object({
    kind: z.literal('load'),
    ...common,
    what: z.enum(['errors', 'p99', 'requests']),
    expected: z.string(),
    actual: z.number(),
  }),
  z.object({ kind: z.literal('recovery'), ...common, asked: z.number(), served: z.number() }),
  z.object({
    kind: z.literal('fidelity'),
    ...common,
    fault: z.string(),
    required: fidelity,
    actual: fidelity.optional().describe('absent where it could not be made at all'),
  }),
  z.object({ kind: z.literal('drain'), ...common, took: ms, limit: ms }),
  z.object({
    kind: z.literal('crash'),
    ...common,
    code: z.number().nullable(),
    signal: z.string().nullable(),
    where: z.array(position).describe("the program's own line in its stack trace, if there is one"),
    stderr: z.string(),
  }),
  z.object({
    kind: z.literal('no-exit'),
    ...common,
    grace: ms,
    alive: z.array(
      z.object({
        what: z.string(),
        where: z.array(position),
        times: z.number().optional().describe('how many are alike, where there are several'),
      }),
    ),
    why: z.string().optional(),
  }),
  z.object({
    kind: z.literal('obstruction'),
    ...common,
    detail: z.string().describe('the state of its process, or what it did to the connection of the probe'),
  }),
]);
