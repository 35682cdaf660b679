import * as z from '../../../shared/vendor/zod.ts';
import { byKey, bytesOrEnding, count, pace } from './fields.ts';
import { parseDuration } from '../../../shared/yaml-file/values/duration.ts';
import { bytes, duration } from '../../../shared/yaml-file/values/scalar-fields.ts';
import { DEFAULT_SERVERNAME } from '../transport.ts';
import { EXPECTED_GRPC, GRPC_STEP } from './grpc-step-schema.ts';
import { H2_STEPS } from './h2-step-schema.ts';
import { EXPECTED_WS, WS_STEP } from './ws-step-schema.ts';
import { type HttpRequest, type Pace, STATUS_CLASSES, type Step, type WaitFor } from '../step.ts';

/** Longest advance, ms: Node keeps the delay of a timer in 31 bits, about 24.8 days. */
const MAX_ADVANCE = 720 * 3_600_000;

/** Most key updates of a step. */
const MOST_KEY_UPDATES = 100_000;
/** Most bytes of a ClientHello: names of protocols pad it, and their list has a length of 16 bits. */
const LONGEST_HELLO = 63 * 1024;

/** Longest wait, ms. */
const LONGEST_WAIT = 60_000;

const bare = <const K extends Step['kind']>(kind: K) =>
  z.strictObject({ step: z.literal(kind) }).transform(() => ({ kind }));

const status = z.int().min(100).max(599);
const wantedStatus = z.union([
  status,
  z.enum(STATUS_CLASSES).describe('Any status of the class: a gateway of its own words answers 599 for 502.'),
]);

const expectedHeaders = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~\da-z-]+$/, 'must be the name of a header, in small letters'),
    z.union([z.string(), z.number().transform(String), z.literal(false)]),
  )
  .describe('Headers that it must have, with these values; `false`: must not have.');

const message = {
  headers: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
  body: bytes.default(0).describe('Patterned bytes.'),
  text: z.string().optional().describe('The body as it stands here, in place of patterned bytes.'),
  length: z
    .union([z.literal('chunked'), bytes])
    .optional()
    .describe('Content-length, which may be more than the body; or `chunked`.'),
  trailers: z
    .record(z.string(), z.union([z.string(), z.number()]).transform(String))
    .optional()
    .describe('Headers after the body; over HTTP/1.1 only with `length: chunked`.'),
};

type Written = {
  body: number;
  text?: string | undefined;
  length?: number | 'chunked' | undefined;
  trailers?: Record<string, string> | undefined;
};

/** Removes undefined keys of a message; a body given as text has the text's length. */
function messageOf<T extends Written>({
  length,
  text,
  trailers,
  ...rest
}: T): Omit<T, 'length' | 'text' | 'trailers'> & Pick<HttpRequest, 'length' | 'text' | 'trailers'> {
  return {
    ...rest,
    ...(text === undefined ? {} : { text, body: Buffer.byteLength(text) }),
    ...(length === undefined ? {} : { length }),
    ...(trailers === undefined ? {} : { trailers }),
  };
}

const paceOf = (step: { pace?: Pace | undefined }): { pace?: Pace } =>
  step.pace === undefined ? {} : { pace: step.pace };

/** Expands `wait: 3s` to `wait: { time: 3s }`. */
const timeOrState = (value: unknown): unknown => {
  const time = typeof value === 'string' ? parseDuration(value) : undefined;
  return time !== undefined && time >= 1 && time <= LONGEST_WAIT ? { time: value } : value;
};

const waitFor = z.preprocess(
  (value) => byKey('state')(timeOrState(value)),
  z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('opened'), opened: count }),
    z.strictObject({ state: z.literal('established'), established: count }),
    z.strictObject({ state: z.literal('half-closed'), 'half-closed': count }),
    z.strictObject({ state: z.literal('expected'), expected: count }),
    z.strictObject({ state: z.literal('ended'), ended: count }),
    z.strictObject({ state: z.literal('connecting'), connecting: count }),
    z.strictObject({ state: z.literal('records'), records: count }),
    z.strictObject({ state: z.literal('advanced'), advanced: z.int().min(1).max(100) }),
    z.strictObject({ state: z.literal('faulted') }),
    z.strictObject({ state: z.literal('healed') }),
    z.strictObject({ state: z.literal('time'), time: duration(1, LONGEST_WAIT, 'from 1ms to 1m') }),
  ]),
);

/** Schema of a step: `open`, `send: 64`, `wait: { established: all }`. */
export const stepSchema = z.preprocess(
  byKey('step'),
  z.discriminatedUnion('step', [
    bare('open'),
    z
      .strictObject({ step: z.literal('send'), send: bytes, pace: pace.optional() })
      .transform((step): Step => ({ kind: 'send', bytes: step.send, ...paceOf(step) })),
    bare('flood'),
    z
      .strictObject({
        step: z.literal('expect'),
        expect: z.union([
          z.strictObject({
            response: z.union([wantedStatus, z.array(wantedStatus).min(1)]),
            whole: z.boolean().default(true),
            or: z.literal('closed').optional().describe('The end of the connection will do as well.'),
            headers: expectedHeaders.optional(),
            trailers: expectedHeaders.optional(),
          }),
          z.strictObject({
            request: z
              .strictObject({ headers: expectedHeaders })
              .describe('A whole request with these headers.'),
            or: z.literal('closed').optional().describe('The end of the connection will do as well.'),
          }),
          EXPECTED_WS,
          EXPECTED_GRPC,
          bytesOrEnding,
        ]),
      })
      .transform(({ expect }): Step => {
        if (typeof expect === 'number') return { kind: 'expect', bytes: expect };
        if (typeof expect === 'object' && 'request' in expect)
          return {
            kind: 'expect-request',
            headers: expect.request.headers,
            ...(expect.or === undefined ? {} : { orEnd: true }),
          };
        if (typeof expect === 'object' && 'grpc' in expect) return { kind: 'expect-grpc', part: expect.grpc };
        if (typeof expect === 'object' && 'ws' in expect)
          return {
            kind: 'expect-ws',
            message: expect.ws,
            ...(expect.or === undefined ? {} : { orEnd: true }),
          };
        if (typeof expect === 'object') {
          const { response, whole, or, headers, trailers } = expect;
          const statuses = [response].flat();
          return {
            kind: 'expect-response',
            statuses,
            whole,
            ...(or === undefined ? {} : { orEnd: true }),
            ...(headers === undefined ? {} : { headers }),
            ...(trailers === undefined ? {} : { trailers }),
          };
        }
        if (expect === 'request' || expect === 'answer' || expect === 'failure')
          return { kind: `expect-${expect}` };
        if (expect === 'cancelled' || expect === 'goaway') return { kind: 'expect-h2', frame: expect };
        return { kind: 'expect-ending', ending: expect };
      }),
    // only for editors: repeats are written out before a script is checked
    z
      .strictObject({
        step: z.literal('repeat'),
        repeat: z.int().min(1).describe('How often.'),
        steps: z
          .array(z.union([z.string(), z.looseObject({})]))
          .min(1)
          .describe('The steps that are repeated.'),
      })
      .transform((_step, context): Step => {
        context.issues.push({ code: 'custom', message: 'cannot stand here', input: 'repeat' });
        return z.NEVER;
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
          path: z
            .string()
            .regex(/^(\/|[^/\s]+:\d+$)/, 'must begin with /, or be host:port with the method CONNECT')
            .default('/')
            .describe('With CONNECT: host:port, by default that of the upstream.'),
          protocol: z
            .string()
            .regex(/^[a-z][a-z\d.-]*$/)
            .optional()
            .describe('Over h2: an extended CONNECT for this protocol, such as websocket (RFC 8441).'),
          ...message,
        }),
      })
      .transform(({ request: { method, protocol, ...rest } }): Step => {
        const hasBody = rest.body > 0 || rest.text !== undefined || rest.length !== undefined;
        const usual = protocol !== undefined ? 'CONNECT' : hasBody ? 'POST' : 'GET';
        const request = { method: method ?? usual, ...messageOf(rest) };
        return { kind: 'request', request: protocol === undefined ? request : { ...request, protocol } };
      }),
    z
      .strictObject({
        step: z.literal('respond'),
        respond: z.strictObject({ status: status.default(200), ...message }),
      })
      .transform(({ respond }): Step => ({ kind: 'respond', response: messageOf(respond) })),
    z
      .strictObject({
        step: z.literal('hello'),
        hello: z.strictObject({
          servername: z.union([z.string().min(1), z.literal(false)]).default(DEFAULT_SERVERNAME),
          least: bytes
            .refine((size) => size <= LONGEST_HELLO, 'must be 63KiB or less: the length of a ClientHello')
            .default(0)
            .describe('The ClientHello is made at least this long.'),
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
      .strictObject({
        step: z.literal('key-update'),
        'key-update': z
          .strictObject({
            times: z.int().min(1).max(MOST_KEY_UPDATES).default(1),
            request: z.boolean().default(true).describe('Whether the peer is asked for one of its own.'),
          })
          .optional(),
      })
      .transform((step): Step => {
        const { times = 1, request = true } = step['key-update'] ?? {};
        return { kind: 'key-update', times, requests: request };
      }),
    ...H2_STEPS,
    WS_STEP,
    GRPC_STEP,
    z
      .strictObject({ step: z.literal('raw'), raw: z.string(), pace: pace.optional() })
      .transform((step): Step => ({ kind: 'raw', text: step.raw, ...paceOf(step) })),
  ]),
);

function toWaitFor(wait: z.output<typeof waitFor>): WaitFor {
  switch (wait.state) {
    case 'opened':
      return { state: 'opened', count: wait.opened };
    case 'established':
      return { state: 'established', count: wait.established };
    case 'expected':
      return { state: 'expected', count: wait.expected };
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
