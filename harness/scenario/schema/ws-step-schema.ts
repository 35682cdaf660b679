import { dropUndefined } from '../../../shared/drop-undefined.ts';
import * as z from '../../../shared/vendor/zod.ts';
import { bytes } from '../../../shared/yaml-file/values/scalar-fields.ts';
import type { Step } from '../step.ts';
import type { ExpectedWs, WsMessage } from '../protocols/ws-step.ts';

/** Most bytes that a control frame has (RFC 6455, 5.5); a close frame has two of them for its code. */
const CONTROL = 125;

/** Most frames of one message. */
const MOST_FRAGMENTS = 1000;

const code = z.int().min(1000).max(4999);

const mistakes = {
  masked: z.boolean().optional().describe('By default what a client sends is masked, and nothing else.'),
  reserved: z.int().min(1).max(7).optional().describe('Reserved bits to set, which nobody has agreed on.'),
};

const fragments = z.int().min(1).max(MOST_FRAGMENTS).default(1).describe('Frames that it is cut into.');

/** Length of a text in a control frame. */
const short = (most: number) =>
  z.string().refine((text) => Buffer.byteLength(text) <= most, `must be ${most} bytes or less`);

const binary = z
  .strictObject({
    binary: bytes.describe('Patterned bytes.'),
    length: bytes
      .optional()
      .describe('Length that its frames announce: more than its bytes, it is cut short.'),
    fragments,
    ...mistakes,
  })
  .transform(({ binary: size, length = size, ...rest }): WsMessage => ({
    type: 'binary',
    bytes: size,
    length: Math.max(size, length),
    ...dropUndefined(rest),
  }));

const textual = z
  .strictObject({ text: z.string(), fragments, ...mistakes })
  .transform(({ text: given, ...rest }): WsMessage => ({
    type: 'text',
    text: given,
    ...dropUndefined(rest),
  }));

const ping = z
  .strictObject({ ping: short(CONTROL), ...mistakes })
  .transform(({ ping: text, ...rest }): WsMessage => ({ type: 'ping', text, ...dropUndefined(rest) }));

const pong = z
  .strictObject({ pong: short(CONTROL), ...mistakes })
  .transform(({ pong: text, ...rest }): WsMessage => ({ type: 'pong', text, ...dropUndefined(rest) }));

const close = z
  .strictObject({ close: code, reason: short(CONTROL - 2).default(''), ...mistakes })
  .transform(({ close: given, ...rest }): WsMessage => ({
    type: 'close',
    code: given,
    ...dropUndefined(rest),
  }));

const bare = z
  .enum(['ping', 'pong', 'close'])
  .transform((type): WsMessage => (type === 'close' ? { type, reason: '' } : { type, text: '' }));

const FORMS = '`{ text: … }`, `{ binary: 64KiB }`, `ping`, `pong`, or `{ close: 1000 }`';

/** Schema of the step `ws`. */
export const WS_STEP = z
  .strictObject({
    step: z.literal('ws'),
    ws: z.union([bare, binary, textual, ping, pong, close], { error: `must be ${FORMS}` }),
  })
  .transform(({ ws }): Step => ({ kind: 'ws', message: ws }));

const expected = z.union(
  [
    z.enum(['ping', 'pong', 'close']).transform((type): ExpectedWs => ({ type })),
    z.strictObject({ binary: bytes }).transform((one): ExpectedWs => ({ type: 'binary', bytes: one.binary })),
    z.strictObject({ text: z.string() }).transform((one): ExpectedWs => ({ type: 'text', text: one.text })),
    z
      .strictObject({ close: z.union([code, z.array(code).min(1)]) })
      .transform((one): ExpectedWs => ({ type: 'close', codes: [one.close].flat() })),
  ],
  { error: `must be ${FORMS}` },
);

/** Schema of what `expect` has for frames. */
export const EXPECTED_WS = z.strictObject({
  ws: expected.describe('A whole message, or a control frame.'),
  or: z.literal('closed').optional().describe('The end of the connection will do as well.'),
});
