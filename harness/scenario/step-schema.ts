import * as z from '../../vendor/zod.ts';
import { byKey, bytesOrEnding, count } from './fields.ts';
import { bytes, duration } from '../../yaml-file/scalar-fields.ts';
import { DEFAULT_SERVERNAME } from './carrier.ts';
import type { Step, WaitFor } from './scenario.ts';

/** Node keeps the delay of a timer in 31 bits, about 24.8 days: there is nothing to see beyond. ms */
const MAX_ADVANCE = 720 * 3_600_000;

const bare = <const K extends Step['kind']>(kind: K) =>
  z.strictObject({ step: z.literal(kind) }).transform(() => ({ kind }));

const status = z.int().min(100).max(599);

const expectedHeaders = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~\da-z-]+$/, 'must be the name of a header, in small letters'),
    z.union([z.string(), z.number().transform(String), z.literal(false)]),
  )
  .describe('Headers that it must have, with these values; `false`: must not have.');

const message = {
  headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
  body: bytes.default(0).describe('Patterned bytes.'),
  length: z
    .union([z.literal('chunked'), bytes])
    .optional()
    .describe('Content-length, which may be more than the body; or `chunked`.'),
};

/** A length that was not written is not there. */
function lengthOf<T extends { length?: number | 'chunked' | undefined }>({
  length,
  ...rest
}: T): Omit<T, 'length'> & { length?: number | 'chunked' } {
  return length === undefined ? rest : { ...rest, length };
}

const waitFor = z.preprocess(
  byKey('state'),
  z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('opened'), opened: count }),
    z.strictObject({ state: z.literal('established'), established: count }),
    z.strictObject({ state: z.literal('half-closed'), 'half-closed': count }),
    z.strictObject({ state: z.literal('ended'), ended: count }),
    z.strictObject({ state: z.literal('connecting'), connecting: count }),
    z.strictObject({ state: z.literal('records'), records: count }),
    z.strictObject({ state: z.literal('advanced'), advanced: z.int().min(1).max(100) }),
    z.strictObject({ state: z.literal('faulted') }),
    z.strictObject({ state: z.literal('healed') }),
    z.strictObject({ state: z.literal('time'), time: duration(1, 60_000, 'from 1ms to 1m') }),
  ]),
);

/** One step of a script: `open`, `send: 64`, `wait: { established: all }`. */
export const stepSchema = z.preprocess(
  byKey('step'),
  z.discriminatedUnion('step', [
    bare('open'),
    z
      .strictObject({ step: z.literal('send'), send: bytes })
      .transform((step): Step => ({ kind: 'send', bytes: step.send })),
    bare('flood'),
    z
      .strictObject({
        step: z.literal('expect'),
        expect: z.union([
          z.strictObject({
            response: z.union([status, z.array(status).min(1)]),
            whole: z.boolean().default(true),
            or: z.literal('closed').optional().describe('The end of the connection will do as well.'),
            headers: expectedHeaders.optional(),
          }),
          z.strictObject({
            request: z
              .strictObject({ headers: expectedHeaders })
              .describe('A whole request with these headers.'),
          }),
          bytesOrEnding,
        ]),
      })
      .transform(({ expect }): Step => {
        if (typeof expect === 'number') return { kind: 'expect', bytes: expect };
        if (typeof expect === 'object' && 'request' in expect)
          return { kind: 'expect-request', headers: expect.request.headers };
        if (typeof expect === 'object') {
          const { response, whole, or, headers } = expect;
          const statuses = [response].flat();
          return {
            kind: 'expect-response',
            statuses,
            whole,
            ...(or === undefined ? {} : { orEnd: true }),
            ...(headers === undefined ? {} : { headers }),
          };
        }
        if (expect === 'request' || expect === 'answer' || expect === 'failure')
          return { kind: `expect-${expect}` };
        return { kind: 'expect-ending', ending: expect };
      }),
    bare('ask'),
    bare('look'),
    bare('half-close'),
    bare('close'),
    bare('abandon'),
    bare('reset'),
    bare('stall'),
    bare('resume'),
    z
      .strictObject({ step: z.literal('wait'), wait: waitFor })
      .transform((step): Step => ({ kind: 'wait', for: toWaitFor(step.wait) })),
    z
      .strictObject({ step: z.literal('advance'), advance: duration(1, MAX_ADVANCE, 'from 1ms to 720h') })
      .transform((step): Step => ({ kind: 'advance', ms: step.advance })),
    z
      .strictObject({
        step: z.literal('request'),
        request: z.strictObject({
          method: z
            .string()
            .regex(/^[A-Z]+$/)
            .optional()
            .describe('By default GET, or POST with a body.'),
          path: z.string().regex(/^\//, 'must begin with /').default('/'),
          ...message,
        }),
      })
      .transform(({ request: { method, ...rest } }): Step => {
        const hasBody = rest.body > 0 || rest.length !== undefined;
        return {
          kind: 'request',
          request: { method: method ?? (hasBody ? 'POST' : 'GET'), ...lengthOf(rest) },
        };
      }),
    z
      .strictObject({
        step: z.literal('respond'),
        respond: z.strictObject({ status: status.default(200), ...message }),
      })
      .transform(({ respond }): Step => ({ kind: 'respond', response: lengthOf(respond) })),
    z
      .strictObject({
        step: z.literal('hello'),
        hello: z.strictObject({
          servername: z.union([z.string().min(1), z.literal(false)]).default(DEFAULT_SERVERNAME),
          least: bytes.default(0).describe('The ClientHello is made at least this long.'),
          bytes: bytes.optional().describe('Only that many of its bytes are sent.'),
        }),
      })
      .transform(({ hello }): Step => ({ kind: 'hello', ...hello, bytes: hello.bytes })),
    z
      .strictObject({
        step: z.literal('renegotiate'),
        renegotiate: z.strictObject({
          servername: z.union([z.string().min(1), z.literal(false)]).default(DEFAULT_SERVERNAME),
        }),
      })
      .transform(({ renegotiate }): Step => ({ kind: 'renegotiate', ...renegotiate })),
    z
      .strictObject({ step: z.literal('raw'), raw: z.string().min(1) })
      .transform((step): Step => ({ kind: 'raw', text: step.raw })),
  ]),
);

function toWaitFor(wait: z.output<typeof waitFor>): WaitFor {
  switch (wait.state) {
    case 'opened':
      return { state: 'opened', count: wait.opened };
    case 'established':
      return { state: 'established', count: wait.established };
    case 'ended':
      return { state: 'ended', count: wait.ended };
    case 'connecting':
      return { state: 'connecting', count: wait.connecting };
    case 'records':
      return { state: 'records', count: wait.records };
    case 'advanced':
      return { state: 'advanced', count: wait.advanced };
    case 'time':
      return { state: 'time', ms: wait.time };
    case 'faulted':
    case 'healed':
      return { state: wait.state };
    default:
      return { state: 'half-closed', count: wait['half-closed'] };
  }
}
