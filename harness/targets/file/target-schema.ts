import { constants } from 'node:os';
import * as z from '../../../shared/vendor/zod.ts';
import { FINDING_KINDS, RESOURCES } from '../../resource.ts';
import { duration } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { FAMILIES } from '../../scenario/trigger.ts';
import { ends, logGauge, metrics, pattern } from './figures-schema.ts';
import { argumentList, PLAIN_ROUTE, routes } from './route-schema.ts';

const SETTING_TYPES = ['string', 'integer', 'boolean', 'duration'] as const;

/** Type of a setting's value; `string` for settings in the short form. */
export type SettingType = (typeof SETTING_TYPES)[number];

/** Forms of a setting: on the command line, in a config file, and in the environment. */
export type TargetSetting = {
  type: SettingType;
  arguments?: string[];
  config?: string;
  environment?: Record<string, string>;
};

const setting = z
  .union(
    [
      argumentList,
      z.strictObject({
        type: z.enum(SETTING_TYPES),
        arguments: argumentList.optional(),
        config: z.string().optional().describe('What {{settings}} in a config file becomes for it.'),
        environment: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
          .optional()
          .describe('Variables that say it, such as IDLE_TIMEOUT: {{value}}.'),
      }),
    ],
    {
      error:
        'must be a list of arguments, or { type: string | integer | boolean | duration, arguments: [...], config: text, environment: { NAME: text } }',
    },
  )
  .transform((given): TargetSetting =>
    Array.isArray(given)
      ? { type: 'string', arguments: given }
      : {
          type: given.type,
          ...(given.arguments === undefined ? {} : { arguments: given.arguments }),
          ...(given.config === undefined ? {} : { config: given.config }),
          ...(given.environment === undefined ? {} : { environment: given.environment }),
        },
  );

const readyTimeout = duration(1, 600_000, 'from 1ms to 10m').default(5000);

const ready = z
  .strictObject({
    port: z.literal(true).optional().describe('Ready when it accepts on its port.'),
    log: pattern.optional().describe('Ready when it has printed a line that fits this regular expression.'),
    http: z
      .string()
      .regex(
        /^(\/|http:\/\/.)/,
        'must be a path, such as /healthz, or a URL, such as http://{{admin.address}}/healthz',
      )
      .optional()
      .describe('Ready when this page answers with `status`.'),
    status: z.int().min(100).max(599).optional().describe('By default 200.'),
    timeout: readyTimeout,
  })
  .transform(({ port, log, http, status, timeout }, context) => {
    if ([port, log, http].filter((sign) => sign !== undefined).length > 1) {
      context.issues.push({
        code: 'custom',
        message: 'must have one of `port`, `log` and `http`',
        input: port,
      });
      return z.NEVER;
    }
    if (status !== undefined && http === undefined) {
      context.issues.push({
        code: 'custom',
        path: ['status'],
        message: 'needs `http`: the page',
        input: status,
      });
      return z.NEVER;
    }
    if (http !== undefined) return { http, status: status ?? 200, timeout };
    return log === undefined ? { port: true as const, timeout } : { log, timeout };
  });

const SIGNALS = Object.keys(constants.signals);
const isSignal = (name: string): name is NodeJS.Signals => SIGNALS.includes(name);

const stop = z.strictObject({
  signal: z
    .enum(SIGNALS)
    .default('SIGTERM')
    .transform((name) => (isSignal(name) ? name : 'SIGTERM')),
  grace: duration(0, 600_000, 'up to 10m').default(3000).describe('Time in which it must exit by itself.'),
});

const capability = z
  .string()
  .regex(/^[a-z][a-z_]*$/, 'is the name of a capability in small letters, such as net_admin')
  .refine((name) => name !== 'all', 'names one capability at a time');

const privileges = z
  .union([z.array(capability), z.record(z.string(), z.array(capability))], {
    error: 'must be a list of capabilities, such as [net_admin], or a map from routes to such lists',
  })
  .transform((given) => (Array.isArray(given) ? { '*': given } : given));

const reload = z.strictObject({
  signal: z
    .enum(['SIGHUP', 'SIGUSR1', 'SIGUSR2'])
    .default('SIGHUP')
    .describe('Sent after the config file has been written anew.'),
  log: pattern.describe('The line that says that it has been read.'),
});

const address = z.string().transform((text, context) => {
  const [, v6, v4, port] = /^(?:\[([\da-f:]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? v4;
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
  context.issues.push({ code: 'custom', message: 'must be an address, such as 127.0.0.1:9000', input: text });
  return z.NEVER;
});

const attach = z.strictObject({
  listen: address.describe('Where it accepts connections.'),
  upstream: address
    .optional()
    .describe('Where it connects to: the harness listens there. A server has none.'),
});

const excuse = z.strictObject({
  cases: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((given) => (typeof given === 'string' ? [given] : given))
    .describe('Ids of cases; `*` stands for any text.'),
  finding: z
    .enum(FINDING_KINDS)
    .optional()
    .describe(
      'Kind of finding that is excused; without it all but leaks, crashes and targets that do not exit.',
    ),
  says: pattern
    .optional()
    .describe('A regular expression for the message of the finding, or for its sample.'),
  reason: z.string().trim().min(1).describe('Why the target cannot do otherwise; reports print it.'),
});

const fields = z.strictObject({
  about: z.string().trim().min(1),
  kind: z.enum(['node', 'program']).describe('node: the probe is preloaded; program: the OS is read only.'),
  requires: z
    .array(z.string().min(1))
    .default([])
    .describe('Programs on the PATH, or files: without them its cases are skipped, with the reason.'),
  command: argumentList
    .min(1)
    .default([])
    .describe('The program and its arguments; {{…}} stands for addresses and paths.'),
  environment: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe('More variables; LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST and UPSTREAM_PORT are always set.'),
  config: z
    .string()
    .optional()
    .describe('Text of a config file, for routes without one of their own; written to {{config.path}}.'),
  routes: routes
    .default({ tcp: PLAIN_ROUTE })
    .describe('Kinds of proxying that it can do, each with its arguments.'),
  hops: z
    .int()
    .min(1)
    .default(1)
    .describe('Proxies in a row that it is: each has two ends of its own for every connection.'),
  reload: reload.optional().describe('How it is told to read its config file again.'),
  ready: ready.prefault({}),
  settings: z.record(z.string(), setting).default({}).describe('Settings of scenarios → arguments.'),
  stop: stop.prefault({}),
  drain: duration(0, 600_000, 'up to 10m')
    .optional()
    .describe('How long it may keep what is over; by default 7s where its clients speak HTTP, else 0s.'),
  patience: duration(0, 600_000, 'up to 10m')
    .default(0)
    .describe(
      'Longest that it may take, by clocks and retries of its own, to give up connecting or to notice a dead peer.',
    ),
  families: z
    .array(z.enum(FAMILIES))
    .min(1)
    .default([...FAMILIES])
    .describe('IP versions that it speaks: cases of another one do not apply.'),
  names: z
    .enum(['connect', 'start'])
    .default('connect')
    .describe('When it looks the name of its upstream up: for each connect, or once, at its start.'),
  privileges: privileges
    .default({})
    .describe('Capabilities that it needs, for all routes or for some; granted only inside a namespace.'),
  publishes: z
    .strictObject({ records: z.boolean().default(false), terminations: z.boolean().default(false) })
    .prefault({})
    .describe('What it tells the probe about itself.'),
  metrics: metrics.optional().describe('Its metrics page, and which metric says what.'),
  gauges: z
    .record(z.string(), logGauge)
    .default({})
    .describe('Live counts in its log on stdout: `records`, or any name → lines that tell of it.'),
  counters: z
    .record(z.string(), pattern)
    .default({})
    .describe('Counts of lines on stdout that a regular expression fits, by name: for `expect.figures`.'),
  ends: ends.optional().describe('Its own log line of an ended connection, on stdout.'),
  transparent: z
    .boolean()
    .optional()
    .describe(
      'Whether it passes bytes on as they are: `false` for a program that greets, rewrites, or speaks a protocol of its own to its upstream; by default the warm-up tells.',
    ),
  contract: z
    .boolean()
    .default(false)
    .describe(
      'It promises what the reference proxy does: scenarios in `contract` apply to it without a setting of their own.',
    ),
  excuses: z
    .array(excuse)
    .default([])
    .describe(
      'Expectations of scenarios that it cannot meet by design, each with the reason; reports show them.',
    ),
  attach: attach.optional().describe('The addresses of a running one, for `--pid`.'),
  ignore: z
    .array(
      z
        .strictObject({
          name: z.string().min(1),
          reason: z.string().trim().min(1).describe('Why this is no leak; reports print it.'),
          finding: z.enum(RESOURCES).optional().describe('Kind of thing, such as timer.'),
          where: z.string().min(1).optional().describe('Part of the file or file:line that it comes from.'),
          fingerprint: pattern.optional().describe('A regular expression for the fingerprint.'),
        })
        .refine(({ finding, where, fingerprint }) => finding ?? where ?? fingerprint, {
          error: 'must say what it ignores: `finding`, `where` or `fingerprint`',
        }),
    )
    .default([])
    .describe('Leaks that are none, each with the reason.'),
});

/** A target file: how a proxy is started, told things, and read. */
export const targetSchema = fields.superRefine(({ command, attach: running, routes: given }, context) => {
  if (running !== undefined && running.upstream === undefined) {
    const proxying = Object.entries(given).find(([, { upstream }]) => upstream !== undefined);
    const message = `needs \`upstream\`: the route \`${proxying?.[0] ?? ''}\` has one; for a server say \`upstream: none\` there`;
    if (proxying !== undefined) context.addIssue({ code: 'custom', path: ['attach'], message });
  }
  if (command.length > 0 || running !== undefined) return;
  const message = 'is missing: how the target is started; or `attach`, for one that runs already';
  context.addIssue({ code: 'custom', path: ['command'], message });
});

/** A target file as checked, all defaults filled in. */
export type CheckedTarget = z.output<typeof targetSchema>;
