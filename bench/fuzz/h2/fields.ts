import { chance, pick } from '../http/message-grammar.ts';
import type { Random } from '../http/message-grammar.ts';
import { FLAG, frame, literal, TYPE } from './frames.ts';
import { oddHpack } from './odd-frames.ts';

/** Fields that a strict reader refuses, or that a careless one falls over. */
const ODD: readonly (readonly [name: string, value: string])[] = [
  ['connection', 'close'],
  ['connection', 'content-length'],
  ['keep-alive', 'timeout=5'],
  ['proxy-connection', 'close'],
  ['transfer-encoding', 'chunked'],
  ['upgrade', 'h2c'],
  ['http2-settings', 'AAMAAABk'],
  ['te', 'trailers'],
  ['te', 'gzip'],
  ['trailer', 'x-sum'],
  ['trailer', 'content-length'],
  ['host', 'b.lastfin.test'],
  ['expect', '100-continue'],
  ['X-Upper', '1'],
  ['', '1'],
  ['x y', '1'],
  ['x\r\ny', '1'],
  ['x:y', '1'],
  ['x\0', '1'],
  ['x', 'a\0b'],
  ['x', 'a\r\nEvil: 1'],
  ['x', ' a '],
  ['x', '\u0001'],
  ['x', '\u00e9'],
  ['x', ''],
  ['x', '1'],
  ['x', '2'],
  ['constructor', '1'],
  ['__proto__', '1'],
  ['content_length', '5'],
  ['set-cookie', 'a=b'],
  ['cookie', 'a=b'],
  ['date', 'x'],
  ['content-type', 'a/b'],
  ['etag', 'x'],
  [':path', '/'],
  [':status', '200'],
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.lastfin.test'],
  [':protocol', 'websocket'],
  [':other', '1'],
  [':', '1'],
];
const LENGTHS = ['0', '1', '5', '40', '-1', '+5', '0x5', '5, 5', '', '99999999999999999999', '005'];

/** Some fields of a head or of trailers, as blocks of HPACK. */
export function someFields(random: Random): Buffer[] {
  const fields: Buffer[] = [];
  while (chance(random, 0.35)) fields.push(literal(...pick(random, ODD)));
  if (chance(random, 0.08)) fields.push(literal('content-length', pick(random, LENGTHS)));
  if (chance(random, 0.04)) fields.push(oddHpack(random));
  if (chance(random, 0.02))
    fields.push(literal('x-large', 'x'.repeat(pick(random, [5000, 20_000, 70_000, 300_000]))));
  if (chance(random, 0.02))
    fields.push(...Array.from({ length: pick(random, [130, 1100, 5000]) }, () => literal('x', '1')));
  return fields;
}

/** Frames of a block of fields: HEADERS, and as many CONTINUATION as it needs, or more. */
export function headFrames(random: Random, stream: number, block: Buffer, endsStream: boolean): Buffer {
  const flags = endsStream ? FLAG.endStream : 0;
  const size = chance(random, 0.08) ? 1 + Math.floor(random() * 20) : 16_384;
  const parts: Buffer[] = [];
  for (let at = 0; at < block.length && parts.length < 400; at += size)
    parts.push(block.subarray(at, at + size));
  if (chance(random, 0.02)) parts.push(Buffer.alloc(0));
  const [first = Buffer.alloc(0), ...rest] = parts;
  const ends = chance(random, 0.99) ? FLAG.endHeaders : 0;
  const isWhole = rest.length === 0 ? ends : 0;
  const head = withExtras(random, flags | isWhole, stream, first);
  const more = rest.map((part, at) =>
    frame(TYPE.continuation, at === rest.length - 1 ? ends : 0, stream, part),
  );
  return Buffer.concat([head, ...more]);
}

/** HEADERS with padding or a priority now and then, which are sometimes wrong. */
function withExtras(random: Random, flags: number, stream: number, block: Buffer): Buffer {
  if (block.length < 16_000 && chance(random, 0.04)) {
    const length = pick(random, [0, 5, 200]);
    const told = chance(random, 0.8) ? length : 255;
    const payload = Buffer.concat([Buffer.from([told]), block, Buffer.alloc(length)]);
    return frame(TYPE.headers, flags | FLAG.padded, stream, payload);
  }
  if (chance(random, 0.04)) {
    const priority = Buffer.from([0, 0, 0, chance(random, 0.8) ? 0 : stream & 0xff, 16]);
    return frame(
      TYPE.headers,
      flags | FLAG.priority,
      stream,
      Buffer.concat([priority, block]).subarray(0, 16_384),
    );
  }
  return frame(TYPE.headers, flags, stream, block);
}
