import { dropUndefined } from '../../../shared/drop-undefined.ts';
import * as z from '../../../shared/vendor/zod.ts';
import { faultSchema } from './fault-schema.ts';
import { countRange, MAX_CONNECTIONS } from './fields.ts';
import { bytes, duration } from '../../../shared/yaml-file/values/scalar-fields.ts';
import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { transportChange } from './transport-schema.ts';
import type { Case, ClientGroup } from '../case.ts';
import { FAMILIES } from '../trigger.ts';
import { TERMINATION_REASONS } from '../expectations.ts';
import { loadLimits, loadSchema } from './load-schema.ts';
import { stepSchema } from './step-schema.ts';

const connectionCount = z.int().min(1).max(MAX_CONNECTIONS);

const streams = z
  .int()
  .min(1)
  .max(MAX_CONNECTIONS)
  .describe('Over h2: so many of the scripts share a connection. By default each has its own.');

const connections = z
  .union([
    connectionCount,
    z.strictObject({
      count: connectionCount,
      concurrent: connectionCount.optional(),
      streams: streams.optional(),
    }),
  ])
  .transform((given) => {
    if (typeof given === 'number') return { count: given, concurrent: given };
    return { ...dropUndefined(given), count: given.count, concurrent: given.concurrent ?? given.count };
  });

const reasons = z.partialRecord(z.enum(TERMINATION_REASONS), countRange);

/** Expected endings, open for any error code: `end`, `reset`, `refused`, `timeout`, `none`, `EPIPE`, … */
const seen = z.record(z.string(), countRange);

/** Expected figures, which may be bytes and so exceed any number of connections. */
const figures = z.record(
  z.string(),
  z.union([
    countRange,
    z
      .int()
      .min(0)
      .transform((exact) => ({ min: exact, max: exact })),
  ]),
);

const drainLimit = duration(0, 600_000, 'up to 10m').describe('Time until all counts are back.');

const stepLimit = duration(10, 300_000, 'from 10ms to 5m');

const expectations = z.strictObject({
  incoming: reasons.optional().describe('How the incoming sides ended; reasons not named must be 0.'),
  outgoing: reasons.optional().describe('How the outgoing sides ended; reasons not named must be 0.'),
  client: seen
    .optional()
    .describe('What the clients saw of the end: end, reset, refused, timeout, none, or a code.'),
  upstream: seen.optional().describe('What the upstream saw of the end.'),
  drain: drainLimit.default(1000),
  delivered: z
    .strictObject({ toUpstream: bytes.optional(), toClient: bytes.optional() })
    .optional()
    .describe('Bytes that must have arrived, summed over all connections.'),
  absorbed: bytes
    .optional()
    .describe(
      'Most bytes that a sender got rid of on one connection before it saw its end: bounded by back-pressure.',
    ),
  recovery: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('So many new connections must be served once all faults are healed.'),
  figures: z
    .strictObject({
      looks: z.array(figures).optional().describe('At each step `look`, in their order.'),
      after: figures.optional().describe('When all has ended.'),
    })
    .optional()
    .describe('What the target has published since the baseline; figures not named are not judged.'),
  load: loadLimits.optional().describe('Most that may be wrong with the load.'),
  memory: z
    .literal('level')
    .optional()
    .describe('Larger rounds follow, in which the memory of the target must not go on growing.'),
});

/** Value of a matrix axis in one cell: a scalar, or a map with its name. */
export const cellValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.looseObject({ name: z.union([z.string(), z.number(), z.boolean()]) }),
]);

/** Schema of the keys that make cells of a scenario; the rest of the file is checked for each cell. */
export const matrixSchema = z.object({
  matrix: z
    .record(z.string(), z.array(cellValue, { error: 'must be a list of values' }).min(1))
    .optional()
    .describe('Axes: one case for each combination. ${axis} and ${axis.key} stand for the value anywhere.'),
  exclude: z
    .array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])))
    .optional()
    .describe('Combinations to leave out.'),
});

/** Schema of a scenario file after substitution of `${…}`. */
export const scenarioSchema = z.strictObject({
  about: z.string().trim().min(1).describe('One sentence: what must hold.'),
  target: z
    .string()
    .min(1)
    .optional()
    .describe('Name of a file in scenarios/targets, or a path; by default the target of the run.'),
  route: z.string().min(1).default('tcp').describe('One of the routes of the target.'),
  lab: z
    .enum(['single', 'hosts', 'routed'])
    .optional()
    .describe('Network that it must stand on: one namespace, the target apart, or behind a router besides.'),
  family: z.enum(FAMILIES).default('ipv4').describe('IP version of all addresses of the case.'),
  addresses: z
    .array(z.enum(FAMILIES))
    .max(8)
    .default([])
    .describe('The upstream is a name that stands for these addresses, in this order.'),
  connections: connections.optional().describe('20, all at once, where nothing is said.'),
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('Settings of the target; its file says which there are.'),
  tuning: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Settings that only make a run faster: left out on a target that does not have them.'),
  deadline: stepLimit.default(5000).describe('Limit of any single step.'),
  client: z.array(stepSchema).min(1).optional().describe('What each client does; the first step is `open`.'),
  clients: z
    .array(
      z.strictObject({
        count: connectionCount,
        concurrent: connectionCount.optional(),
        streams: streams.optional(),
        from: z
          .ipv4()
          // not `startsWith`: its JSON Schema has a format that validators do not know
          .regex(/^127\./, { error: 'must be an address of 127.0.0.0/8' })
          .optional()
          .describe('Local address of these clients.'),
        over: transportChange.optional().describe('What these clients speak.'),
        script: z.array(stepSchema).min(1),
      }),
    )
    .min(1)
    .optional()
    .describe('Several kinds of client, instead of `client` and `connections`.'),
  over: z
    .strictObject({ client: transportChange.optional(), upstream: transportChange.optional() })
    .optional()
    .describe('What the two sides speak, where that is not what the route says.'),
  upstream: z
    .union([z.literal('none'), z.array(stepSchema)], {
      error: 'must be a list of steps, or `none`: the scenario is about servers without an upstream',
    })
    .default([])
    .describe(
      'What the upstream does on each connection; `none`: the scenario is about servers without one.',
    ),
  load: loadSchema
    .optional()
    .describe('Requests in the background, beside the scripts, while faults come and go.'),
  faults: z.array(faultSchema).default([]),
  expect: expectations.prefault({}),
  contract: z
    .strictObject({
      deadline: stepLimit.optional().describe('Limit of any single step of such a target.'),
      expect: expectations.extend({ drain: drainLimit.optional() }).prefault({}),
    })
    .optional()
    .describe(
      'Expected besides of a target that promises what the reference proxy does (`contract: true` in its file).',
    ),
  ...matrixSchema.shape,
});

type Written = z.output<typeof scenarioSchema> & { target: string; ownTarget: boolean };

/** Checked scenario file: one cell, all defaults filled in. */
export type CheckedScenario = Omit<
  Written,
  'client' | 'clients' | 'over' | 'connections' | 'contract' | 'upstream'
> &
  Pick<Case, 'client' | 'clients' | 'over' | 'connections' | 'contract' | 'upstream' | 'server'>;

/** Unifies the two notations of clients; the issues are keys given in both. */
export function joinClients(written: Written): { checked: CheckedScenario; issues: Issue[] } {
  const { client, clients: groups, over, connections: given, contract, upstream, ...rest } = written;
  const clients = groups?.map((group): ClientGroup => ({
    ...dropUndefined(group),
    concurrent: group.concurrent ?? group.count,
  }));
  const sum = (key: 'count' | 'concurrent'): number =>
    (clients ?? []).reduce((total, group) => total + group[key], 0);
  const total = clients && { count: sum('count'), concurrent: sum('concurrent') };
  const issues: Issue[] = [];
  for (const [key, value] of Object.entries({ client, connections: given })) {
    if (clients === undefined || value === undefined) continue;
    issues.push({ path: [key], part: 'key', message: `\`${key}\` cannot stand beside \`clients\`` });
  }
  if (total !== undefined && total.count > MAX_CONNECTIONS) {
    const message = `${total.count} connections in all; ${MAX_CONNECTIONS} is the limit`;
    issues.push({ path: ['clients'], part: 'key', message });
  }
  const checked = {
    ...rest,
    client: client ?? [],
    upstream: upstream === 'none' ? [] : upstream,
    ...(upstream === 'none' ? { server: true as const } : {}),
    connections: total ?? given ?? { count: 20, concurrent: 20 },
    ...(clients === undefined ? {} : { clients }),
    ...(over === undefined ? {} : { over: dropUndefined(over) }),
    ...(contract === undefined
      ? {}
      : { contract: { ...dropUndefined(contract), expect: dropUndefined(contract.expect) } }),
  };
  return { checked, issues };
}
