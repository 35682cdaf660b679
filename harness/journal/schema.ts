import * as z from '../../shared/vendor/zod.ts';

import { FIDELITIES } from '../fidelities.ts';
import { livesSchema, numbers, positionSchema, sampleSchema, suspectSchema } from '../probe/schemas.ts';
import { type Entry, JOURNAL_VERSION } from './entry.ts';

const fidelity = z.enum(FIDELITIES);
const range = z.looseObject({
  min: z.union([z.number(), z.literal('all')]),
  max: z.union([z.number(), z.literal('all')]),
});
const ranges = z.record(z.string(), range).optional();
const fault = z.looseObject({ kind: z.string() });

/** Parts of a case that the judge and the reports read; the scripts matter only to the executor. */
const plan = z.looseObject({
  id: z.string(),
  scenario: z.string(),
  cell: z.record(z.string(), z.string()),
  about: z.string(),
  source: positionSchema,
  target: z.string(),
  connections: z.looseObject({ count: z.number(), concurrent: z.number() }),
  faults: z.array(fault),
  expect: z.looseObject({
    drain: z.number(),
    load: z
      .looseObject({
        errors: z.union([z.object({ share: z.number() }), z.object({ count: z.number() })]).optional(),
        p99: z.number().optional(),
      })
      .optional(),
    incoming: ranges,
    outgoing: ranges,
    client: ranges,
    upstream: ranges,
    delivered: z
      .looseObject({ toUpstream: z.number().optional(), toClient: z.number().optional() })
      .optional(),
  }),
  seed: z.number(),
});

// a later lastfin may know other resources
const suspect = suspectSchema.extend({ resource: z.string() });

const t = z.number();
const round = z.number();

/** Events of a later lastfin are let through, as its entries are. */
const connectionEvent = z.looseObject({
  t,
  event: z.string(),
  step: z.number().optional(),
  code: z.string().optional(),
});

const known = z.discriminatedUnion('type', [
  z.looseObject({
    t,
    type: z.literal('case'),
    journal: z.union([z.literal(1), z.literal(JOURNAL_VERSION)]),
    case: plan,
    lastfin: z.string(),
    node: z.string(),
    platform: z.string(),
    attached: z.int().optional(),
    publishes: z.looseObject({ records: z.boolean(), terminations: z.boolean(), ends: z.boolean() }),
    lab: z.string().optional(),
    requireFidelity: fidelity.optional(),
    toxiproxy: z.string().optional(),
  }),
  z.looseObject({ t, type: z.literal('phase'), phase: z.string(), round }),
  z.looseObject({
    t,
    type: z.literal('fault'),
    action: z.enum(['applied', 'healed', 'missed']),
    fault,
    fidelity,
    best: fidelity.optional(),
    began: t.optional(),
  }),
  z.looseObject({ t, type: z.literal('kernel'), sysctls: numbers }),
  z.looseObject({
    t,
    type: z.literal('load'),
    round,
    began: t,
    took: z.number(),
    requests: z.number(),
    answered: z.number(),
    errors: numbers,
    p50: z.number().optional(),
    p99: z.number().optional(),
    starved: z.number(),
    sources: z.array(z.string()).optional(),
    width: z.number(),
    buckets: z.array(z.looseObject({ t, requests: z.number(), errors: numbers, p99: z.number().optional() })),
  }),
  z.looseObject({
    t,
    type: z.literal('recovery'),
    asked: z.number(),
    served: z.number(),
    failure: z.string().optional(),
  }),
  z.looseObject({
    t,
    type: z.literal('connection'),
    actor: z.enum(['client', 'upstream']),
    round,
    connection: z.number(),
    seen: z.string(),
    did: z.enum(['nothing', 'half-closed', 'closed', 'abandoned', 'reset', 'cancelled']),
    sent: z.number(),
    received: z.number(),
    raw: z.number().optional(),
    wrong: z.looseObject({ at: z.number(), expected: z.string(), got: z.string() }).optional(),
    failure: z
      .looseObject({
        step: z.string(),
        index: z.number(),
        message: z.string(),
        status: z.number().optional(),
      })
      .optional(),
    events: z.array(connectionEvent).optional(),
  }),
  z.looseObject({
    t,
    type: z.literal('counts'),
    descriptors: z.number().optional(),
    records: z.number().optional(),
    active: numbers.optional(),
    rss: z.number().optional(),
    heap: z.number().optional(),
  }),
  z.looseObject({
    t,
    type: z.literal('evidence'),
    kind: z.string(),
    file: z.string(),
    bytes: z.number(),
    cut: z.literal(true).optional(),
  }),
  z.looseObject({
    t,
    type: z.literal('output'),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
    cut: z.literal(true).optional(),
    dropped: z.number().optional(),
  }),
  z.looseObject({
    t,
    type: z.literal('sample'),
    at: z.enum(['baseline', 'looked', 'settled', 'confirmed', 'released', 'stopping']),
    round,
    sample: sampleSchema,
  }),
  z.looseObject({
    t,
    type: z.literal('report'),
    at: z.enum(['settled', 'confirmed', 'released']),
    round,
    report: z.looseObject({ suspects: z.array(suspect), took: z.number() }),
  }),
  z.looseObject({
    t,
    type: z.literal('enlarged'),
    round,
    connections: z.number(),
    report: z.looseObject({ suspects: z.array(suspect), took: z.number() }),
  }),
  z.looseObject({
    t,
    type: z.literal('memory'),
    round,
    connections: z.number(),
    memory: z.number(),
    before: z.number(),
    least: z.number(),
    leastEach: z.number(),
    leastConnections: z.number().optional(),
    kind: z.enum(['kept', 'rss']),
  }),
  z.looseObject({
    t,
    type: z.literal('drain'),
    round,
    took: z.number(),
    drained: z.boolean(),
    limit: z.number(),
  }),
  z.looseObject({
    t,
    type: z.literal('end-line'),
    id: z.string(),
    incoming: z.string().optional(),
    outgoing: z.string().optional(),
    bytesIn: z.number(),
    bytesOut: z.number(),
    upstreamBytesIn: z.number().optional(),
    upstreamBytesOut: z.number().optional(),
  }),
  z.looseObject({
    t,
    type: z.literal('advanced'),
    round,
    ms: z.number(),
    left: z.number(),
    fired: z.number(),
    notShifted: z.array(z.string()),
  }),
  z.looseObject({ t, type: z.literal('explained'), lines: z.record(z.string(), z.array(positionSchema)) }),
  z.looseObject({
    t,
    type: z.literal('lives'),
    lives: livesSchema,
  }),
  z.looseObject({
    t,
    type: z.literal('exit'),
    asked: z.boolean(),
    within: z.boolean(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
    took: z.number(),
    grace: z.number(),
    alive: z.array(z.looseObject({ what: z.string(), where: z.array(positionSchema) })).optional(),
    why: z.string().optional(),
    stderr: z.string(),
  }),
  z.looseObject({ t, type: z.literal('opaque'), reason: z.string() }),
  z.looseObject({ t, type: z.literal('blind'), what: z.string() }),
  z.looseObject({ t, type: z.literal('obstruction'), what: z.string(), detail: z.string() }),
  z.looseObject({ t, type: z.literal('skipped'), reason: z.string() }),
  z.looseObject({ t, type: z.literal('lab-error'), code: z.string(), message: z.string() }),
]);

const KNOWN: ReadonlySet<unknown> = new Set(known.options.map(({ shape }) => shape.type.value));

/** Entry of a type that this lastfin does not know: its fields are anybody's. */
const unknown = z.looseObject({ t, type: z.string() });

/** Whether a value is a journal entry, as far as the judge and the reports read it; one of an unknown type is, too. */
export function isEntry(value: unknown): value is Entry {
  return schemaOf(value).safeParse(value).success;
}

/** Problem of a value that is no journal entry: `sample.gauges: expected record`. */
export function entryProblem(value: unknown): string | undefined {
  const newer = versionProblem(value);
  if (newer !== undefined) return newer;
  const { error } = schemaOf(value).safeParse(value);
  const issue = error?.issues[0];
  return issue === undefined ? undefined : `${issue.path.join('.') || 'entry'}: ${issue.message}`;
}

function schemaOf(value: unknown): typeof known | typeof unknown {
  return KNOWN.has(typeOf(value)) ? known : unknown;
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
}

/** Problem of a journal that a later lastfin has written; undefined for any other value. */
function versionProblem(value: unknown): string | undefined {
  const head = newerHead.safeParse(value).data;
  if (head === undefined) return undefined;
  const writer = /^[\w.+-]{1,40}$/.test(String(head.lastfin))
    ? `lastfin ${String(head.lastfin)}, which wrote it,`
    : 'the lastfin that wrote it';
  return `the journal has version ${head.journal}, this lastfin reads versions 1 and ${JOURNAL_VERSION}: judge it with ${writer} or a later one`;
}

const newerHead = z.looseObject({
  type: z.literal('case'),
  journal: z.int().min(JOURNAL_VERSION + 1),
  lastfin: z.unknown(),
});
