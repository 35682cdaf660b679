import * as z from '../../shared/vendor/zod.ts';

import { FIDELITIES } from '../fidelities.ts';
import { FINDING_KINDS, LEAK_RESOURCES } from '../resource.ts';
import type { RunReport } from './run-report.ts';

const count = z.int().min(0);
const counts = z.record(z.string(), z.number());
const ms = z.number().min(0).describe('milliseconds');
const position = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  name: z.string().optional(),
  code: z.string().optional().describe('the source line, where the function has no name'),
});
const side = z.enum(['incoming', 'outgoing']);
const actor = z.enum(['client', 'upstream']);
const exempt = z
  .object({
    owner: z.string(),
    reason: z.string(),
    expires: z.string().describe('last day on which it does not fail'),
    expired: z.literal(true).optional(),
  })
  .optional();
/** Fields that all findings have. */
const common = {
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
};
const kind = z.enum(FINDING_KINDS);
const source = z.object({ file: z.string(), line: z.number(), column: z.number() });
const fidelity = z.enum(FIDELITIES);
const verdict = z.enum(['passed', 'failed', 'flaky', 'skipped', 'error']);
const resource = z.enum(LEAK_RESOURCES);

const finding = z.discriminatedUnion('kind', [
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

const result = z.object({
  id: z.string().describe('unique in the run, the same in every run'),
  scenario: z.string(),
  cell: z.record(z.string(), z.string()),
  about: z.string(),
  source,
  target: z.string(),
  connections: count.optional().describe('of the judged round'),
  seed: z.number(),
  kind: z
    .enum(['universal', 'contract', 'own'])
    .optional()
    .describe('universal: holds for any target; contract: promised by the reference proxy; own: of the user'),
  verdict,
  reason: z.string().optional().describe('why it was skipped, or what failed in the lab'),
  want: z
    .object({ what: z.string(), fix: z.string() })
    .optional()
    .describe('what the machine lacks for a skipped case, and the command or change that adds it'),
  findings: z.array(finding),
  excused: z
    .array(z.object({ reason: z.string(), finding }))
    .optional()
    .describe('findings that the target file excuses'),
  drain: ms.optional(),
  memoryEach: z
    .number()
    .min(0)
    .optional()
    .describe("growth of the target's memory per connection, bytes; absent where it was not watched"),
  took: ms,
  starved: ms.optional().describe('part of `took` for which target and harness waited for a processor'),
  terminations: z.object({ incoming: counts, outgoing: counts }),
  seen: z.object({ client: counts, upstream: counts }).optional(),
  ignored: z
    .array(
      z.object({
        name: z.string(),
        reason: z.string(),
        resource: resource.exclude(['record', 'active-resource']),
        count,
      }),
    )
    .optional()
    .describe('what was left behind and excused by a rule of the target file'),
  advanced: z
    .object({ ms, notShifted: z.array(z.string()).describe('what in the target has a clock of its own') })
    .optional()
    .describe('time that was let pass inside the target'),
  fidelity: fidelity.optional().describe('the lowest of the faults that were applied'),
  lab: z.enum(['none', 'single', 'hosts', 'routed']).optional().describe('the network that it stood on'),
  warnings: z
    .array(z.object({ text: z.string(), count, where: z.array(position) }))
    .optional()
    .describe("Node's own warnings that tell of leaks, with the lines that were running"),
  blind: z.array(z.string()).optional().describe('what could not be seen of the target, and why'),
  opaque: z.string().optional().describe('why bytes were not judged: the target is no transparent pipe'),
  quarantined: exempt.describe('a flaky case that does not fail the run unless expired'),
  attempts: z.int().min(1).optional(),
  outcomes: z
    .array(z.object({ verdict, took: ms, kind: kind.optional(), message: z.string().optional() }))
    .optional()
    .describe('runs that did not pass, of a case that was run more than once'),
  started: z.iso.datetime().optional().describe('when its first run began'),
  alone: verdict.optional().describe('of the attempt at the end of the run, with nothing beside it'),
  journal: z.string().optional().describe("path below the report's folder"),
  rerun: z.string().optional().describe('the command that runs just this case again'),
});

const cause = z.object({
  fingerprint: z.string(),
  identity: common.identity,
  known: common.known,
  kind,
  message: z.string().describe('as the smallest case says it'),
  lines: z.array(position).describe('lines of the program, most telling first'),
  joined: z
    .array(z.object({ fingerprint: z.string(), message: z.string() }))
    .describe('other leaks that are there in just these cases'),
  cases: count,
  ids: z.array(z.string()),
  smallest: result
    .pick({ id: true, source: true, connections: true, rerun: true, journal: true })
    .describe('the case to begin with: fewest connections, then fewest findings, then the shortest'),
  consequences: z
    .array(z.object({ kind, cases: count }))
    .describe('findings that follow from it, by kind: in how many of the cases'),
});

/** The versioned JSON report. `report` changes when a reader of the old form would be misled. */
export const reportSchema = z.object({
  report: z.literal(1),
  summary: z.string().describe('the outcome in one line: `25 cases failed, 2 causes`'),
  counts: z.object({ passed: count, failed: count, flaky: count, skipped: count, error: count }),
  exitCode: z.int(),
  causes: z.array(cause).describe('what to fix, the cause of most cases first'),
  lastfin: z.string(),
  started: z.iso.datetime(),
  took: ms,
  node: z.string(),
  platform: z.string(),
  seed: z.number(),
  toxiproxy: z.string().optional(),
  lab: z
    .object({
      mode: z.enum(['auto', 'none', 'single', 'hosts']).describe('none: on the machine itself'),
      why: z.string().optional().describe('why there was no namespace, though one was wanted'),
      fix: z.string().optional().describe('what to change for one'),
    })
    .optional(),
  interrupted: z.boolean(),
  bailed: z
    .object({ limit: count, notRun: count.describe('cases that were not run for it') })
    .optional()
    .describe('`--bail` ended the run'),
  broken: z.string().optional().describe('what ended the run in the middle'),
  notApplicable: z
    .object({ cases: count, reasons: z.array(z.object({ reason: z.string(), cases: count })) })
    .describe('cases that do not apply to the target: they are not among the results'),
  wouldRun: z
    .object({ cases: count, settings: z.array(z.string()), yaml: z.string().describe('to be pasted') })
    .optional()
    .describe('cases that would run if the target file named these settings'),
  shard: z
    .object({
      index: z.int().min(1),
      of: z.int().min(1),
      cases: count.describe('of all shards together'),
      plan: z.string().describe('hash of which shard runs which case: all shards of a run have the same'),
    })
    .optional()
    .describe('the part of the suite that was run'),
  known: z
    .object({
      file: z.string(),
      findings: count.describe('listed for the targets of this run'),
      gone: z
        .array(z.object({ target: z.string(), identity: z.string() }))
        .describe('listed, but no longer there although their case has run: to be pruned'),
    })
    .optional()
    .describe('the file of known findings'),
  results: z.array(result),
}) satisfies z.ZodType<RunReport>;

/**
 * The JSON Schema of `report.json`, for readers in other languages.
 *
 * @example
 * writeFileSync('docs/generated/report.schema.json', JSON.stringify(reportJsonSchema(), null, 2));
 */
export function reportJsonSchema(): Record<string, unknown> {
  // Readers must live with fields that a later lastfin adds, so what is not named is allowed.
  const schema = z.toJSONSchema(reportSchema, { target: 'draft-7', io: 'input' });
  return { $id: 'urn:lastfin:schema:report:1', title: 'lastfin report', ...schema };
}
