import { chance, pick } from '../http/message-grammar.ts';
import type { Random } from '../http/message-grammar.ts';
import { FLAG, frame, literal, TYPE, word } from './frames.ts';

const NUMBERS = [0, 1, 2, 100, 16_384, 65_535, 2 ** 24 - 1, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const CODES = [0, 1, 2, 3, 5, 7, 8, 11, 13, 14, 2 ** 32 - 1];
const FLOOD = [10, 300, 1500, 5000];

/** Payload of SETTINGS with values at random, most of which are absurd. */
function someSettings(random: Random): Buffer {
  const count = chance(random, 0.05) ? 200 : 1 + Math.floor(random() * 4);
  const each = Array.from({ length: count }, () => {
    const id = Buffer.alloc(2);
    id.writeUInt16BE(chance(random, 0.9) ? 1 + Math.floor(random() * 8) : Math.floor(random() * 65_536));
    return Buffer.concat([id, word(pick(random, NUMBERS))]);
  });
  const payload = Buffer.concat(each);
  return chance(random, 0.05) ? payload.subarray(1) : payload;
}

/** SETTINGS as nobody sends them. */
export function oddSettings(random: Random): Buffer {
  const flags = chance(random, 0.1) ? FLAG.ack : 0;
  return frame(TYPE.settings, flags, chance(random, 0.03) ? 1 : 0, someSettings(random));
}

/** GOAWAY of any kind. @param stream one that is under way */
export function someGoaway(random: Random, stream: number): Buffer {
  const last = pick(random, [0, Math.max(0, stream - 2), stream, stream, stream + 2, 2 ** 31 - 1]);
  const debug = chance(random, 0.2) ? Buffer.alloc(pick(random, [1, 100, 16_000]), 'x') : Buffer.alloc(0);
  const payload = Buffer.concat([word(last), word(chance(random, 0.5) ? 0 : pick(random, CODES)), debug]);
  const isShort = chance(random, 0.03);
  return frame(TYPE.goaway, 0, chance(random, 0.03) ? stream : 0, isShort ? payload.subarray(0, 7) : payload);
}

/** RST_STREAM with any code. */
export function someReset(random: Random, stream: number): Buffer {
  const payload = word(pick(random, CODES));
  return frame(TYPE.reset, 0, stream, chance(random, 0.05) ? payload.subarray(1) : payload);
}

/** Makers of frames that do not belong where they stand. `at`: the stream they name, `stream`: one that is under way. */
const ODD: readonly ((random: Random, at: number, stream: number) => Buffer)[] = [
  (random, at) =>
    frame(TYPE.ping, chance(random, 0.5) ? FLAG.ack : 0, chance(random, 0.1) ? at : 0, Buffer.alloc(8)),
  (random) => frame(TYPE.ping, 0, 0, Buffer.alloc(pick(random, [0, 7, 9]))),
  (random) => oddSettings(random),
  (random, at) => frame(TYPE.window, 0, chance(random, 0.5) ? 0 : at, word(pick(random, NUMBERS))),
  (random, at) => frame(TYPE.data, pick(random, [0, FLAG.endStream]), at, Buffer.from('odd')),
  // more padding than there is
  (random, at) => frame(TYPE.data, FLAG.padded, at, Buffer.from([pick(random, [0, 3, 4, 255]), 1, 2, 3])),
  (_, at) =>
    frame(TYPE.headers, FLAG.endHeaders, at, Buffer.concat([Buffer.from([0x88]), literal('x', '1')])),
  (random, at) => frame(TYPE.continuation, pick(random, [0, FLAG.endHeaders]), at, literal('x-c', '1')),
  (_, at) => frame(TYPE.priority, 0, at, Buffer.concat([word(at), Buffer.from([1])])),
  (random, at) => someReset(random, at),
  (random, __, stream) => someGoaway(random, stream),
  (random, at) =>
    frame(TYPE.push, FLAG.endHeaders, at, Buffer.concat([word(pick(random, [0, 1, 2, 4])), promised()])),
  (random, __, stream) =>
    frame(TYPE.altsvc, 0, pick(random, [0, stream]), Buffer.from('\0\x10http://a.b/xxxxxh2=":1"')),
  () => frame(TYPE.origin, 0, 0, Buffer.concat([Buffer.from([0, 11]), Buffer.from('https://a.b')])),
  // too large
  (random, at) => frame(TYPE.data, 0, at, Buffer.alloc(pick(random, [16_385, 70_000]))),
  // unknown
  (random, at) =>
    frame(
      pick(random, [11, 13, 16, 99, 255]),
      Math.floor(random() * 256),
      at,
      Buffer.alloc(pick(random, [0, 9])),
    ),
  // the reserved bit
  (_, at) => frame(TYPE.data, 0, at + 2 ** 31, Buffer.from('odd')),
  (random, at) =>
    frame(
      Math.floor(random() * 14),
      Math.floor(random() * 256),
      at,
      Buffer.alloc(Math.floor(random() * 12), 1),
    ),
];

/** A frame that does not belong where it stands. @param stream one that is under way */
export function oddFrames(random: Random, stream: number): Buffer {
  const at = pick(random, [stream, stream, stream, 0, 1, 2, stream + 2, stream + 100, 2 ** 31 - 1]);
  return pick(random, ODD)(random, at, stream);
}

/** Cheap frame, very often. */
export function someFlood(random: Random, stream: number): Buffer {
  const one = pick(random, [
    frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
    frame(TYPE.ping, FLAG.ack, 0, Buffer.alloc(8)),
    frame(TYPE.settings, 0, 0),
    frame(TYPE.settings, FLAG.ack, 0),
    frame(TYPE.data, 0, stream),
    frame(TYPE.data, FLAG.padded, stream, Buffer.concat([Buffer.from([200]), Buffer.alloc(200)])),
    frame(TYPE.window, 0, 0, word(1)),
    frame(TYPE.priority, 0, stream, Buffer.from([0, 0, 0, 0, 1])),
    frame(TYPE.headers, FLAG.endHeaders, stream, literal(':status', '103')),
    frame(99, 0, 0),
    frame(TYPE.origin, 0, 0, Buffer.concat([Buffer.from([0, 11]), Buffer.from('https://a.b')])),
    frame(TYPE.altsvc, 0, 0, Buffer.from('\0\x0ahttp://a.bh2=":1"')),
    frame(TYPE.continuation, 0, stream, literal('x-c', '1')),
  ]);
  return Buffer.concat(Array.from({ length: pick(random, FLOOD) }, () => one));
}

/** HPACK that is none, or that is much. */
export function oddHpack(random: Random): Buffer {
  return pick(random, [
    // index 0, and one that nothing stands at
    Buffer.from([0x80]),
    Buffer.from([0xfe]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]),
    // an integer without end
    Buffer.alloc(20, 0xff),
    // sizes of the table, one above the limit, and one behind a field
    Buffer.from([0x20]),
    Buffer.from([0x3f, 0xe1, 0x1f]),
    Buffer.from([0x3f, 0xff, 0xff, 0x7f]),
    // Huffman: EOS, padding of zeros
    Buffer.from([0, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 49]),
    Buffer.from([0, 1, 120, 0x81, 0x00]),
    // a text that is longer than its block
    Buffer.from([0, 1, 120, 100, 49]),
    // the dynamic table
    Buffer.concat([Buffer.from([0x40, 1, 120, 127, 0xe1, 0x1e]), Buffer.alloc(4000, 'y')]),
    Buffer.concat([Buffer.from([0x40, 1, 120, 1, 49]), Buffer.alloc(2000, 0xbe)]),
  ]);
}

function promised(): Buffer {
  return Buffer.concat([Buffer.from([0x82, 0x86, 0x84]), literal(':authority', 'a.lastfin.test')]);
}

/** Changes some bytes, now and then. */
export function mutateBytes(random: Random, bytes: Buffer, share: number): Buffer {
  if (bytes.length === 0 || !chance(random, share)) return bytes;
  const at = Math.floor(random() * bytes.length);
  const kind = random();
  if (kind < 0.5) {
    const changed = Buffer.from(bytes);
    changed[at] = Math.floor(random() * 256);
    return changed;
  }
  if (kind < 0.75) return bytes.subarray(0, at);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(random() * 9))]);
}
