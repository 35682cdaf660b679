/**
 * Checks the messages that a target sends to the probe's connection: it is not trusted, and may have found the descriptor.
 */
import * as z from '../../../shared/vendor/zod.ts';
import type { Request } from '../protocol.ts';
import { livesSchema, positionSchema, sampleSchema, suspectSchema } from '../schemas.ts';

const hello = z.looseObject({
  hello: z.literal(1),
  pid: z.int().positive(),
  node: z.string().max(100),
  startedIn: z.number(),
  thread: z.int().nonnegative().optional(),
  script: z.string().max(4096).optional(),
});
const reply = z.union([
  z.looseObject({ id: z.int(), error: z.string() }),
  z.looseObject({ id: z.int(), ok: z.unknown() }),
]);

const positions = z.array(positionSchema);
const report = z.looseObject({
  suspects: z.array(suspectSchema),
  names: z
    .record(z.string(), z.array(z.looseObject({ fingerprint: z.string(), share: z.number() })))
    .optional(),
  warnings: z.array(z.looseObject({ text: z.string(), count: z.number(), where: positions })).optional(),
  blind: z.array(z.string()).optional(),
  took: z.number(),
});

const ANSWERS: Record<Request['do'], z.ZodType> = {
  sample: sampleSchema,
  started: z.looseObject({
    reads: z.boolean(),
    started: z.array(z.looseObject({ pid: z.number(), thread: z.number(), greets: z.boolean() })),
  }),
  baseline: z.null(),
  report,
  arm: z.null(),
  explain: z.record(z.string(), positions),
  heap: z.number(),
  objects: report,
  alive: z.looseObject({
    alive: z.array(z.looseObject({ what: z.string(), where: positions })),
    why: z.string().optional(),
  }),
  lives: livesSchema,
  'source-map': z.string().nullable(),
  'keep-heap': z.string().nullable(),
  advance: z.looseObject({
    done: z.boolean(),
    left: z.number(),
    steps: z.number(),
    fired: z.number(),
    notShifted: z.array(z.string()),
  }),
  fail: z.null(),
  'fail-no-more': z.number(),
};

/** Reason, as the object of a sentence, why a value is no message of the probe. */
export function messageProblem(message: unknown): string | undefined {
  const isHello = typeof message === 'object' && message !== null && 'hello' in message;
  return (isHello ? hello : reply).safeParse(message).success ? undefined : 'what is no message of the probe';
}

/** Reason why a value is no answer to such a request. */
export function answerProblem(what: Request['do'], answer: unknown): string | undefined {
  const { success, error } = ANSWERS[what].safeParse(answer);
  if (success) return undefined;
  const [issue] = error.issues;
  const at =
    issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.').slice(0, 100)}`;
  return `it wrote what is no answer to \`${what}\`${at}`;
}
