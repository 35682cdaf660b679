import { chance, pick } from '../http/message-grammar.ts';
import type { Random } from '../http/message-grammar.ts';
import { headFrames, someFields } from './fields.ts';
import { FLAG, frame, literal, PREFACE, TYPE, word } from './frames.ts';
import { mutateBytes, oddFrames, oddSettings, someFlood, someGoaway, someReset } from './odd-frames.ts';

/** Ways in which a connection ends. */
export type Ending = 'stay' | 'fin' | 'reset';

/** Bytes of an upstream for one stream or connection, and how it goes on. */
export type Said = { bytes: Buffer; ending: Ending };

const GOOD = frame(TYPE.settings, 0, 0);
const STATUSES = [
  '200',
  '204',
  '205',
  '304',
  '404',
  '500',
  '99',
  '101',
  '103',
  '600',
  '999',
  '000',
  '',
  'abc',
  '2000',
  '+20',
];

/** Bytes with which an upstream begins: mostly its SETTINGS. */
export function makeGreeting(random: Random): Said {
  const kind = random();
  if (kind < 0.75) return { bytes: GOOD, ending: 'stay' };
  if (kind < 0.9) return { bytes: oddSettings(random), ending: 'stay' };
  const bytes = pick(random, [
    Buffer.alloc(0),
    PREFACE,
    Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    Buffer.alloc(64, 0xff),
    GOOD.subarray(0, 5),
    Buffer.concat([GOOD, someGoaway(random, 1)]),
    Buffer.concat([GOOD, oddFrames(random, 1)]),
    Buffer.concat([GOOD, someFlood(random, 0)]),
    oddFrames(random, 1),
    frame(TYPE.settings, 0, 0, Buffer.concat([Buffer.from([0, 3]), word(0)])),
    frame(TYPE.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), word(0)])),
  ]);
  return { bytes, ending: pick(random, ['stay', 'stay', 'fin', 'reset']) };
}

/** Answer to the request of a stream: mostly nearly right. */
export function makeStreamAnswer(random: Random, stream: number): Said {
  const parts: Buffer[] = [];
  const add = (...more: Buffer[]): void => {
    parts.push(...more);
    if (chance(random, 0.06)) parts.push(oddFrames(random, stream));
    if (chance(random, 0.03)) parts.push(someReset(random, stream));
    if (chance(random, 0.03)) parts.push(someGoaway(random, stream));
    if (chance(random, 0.01)) parts.push(someFlood(random, stream));
  };
  add();
  if (chance(random, 0.1)) add(...interims(random, stream));
  if (chance(random, 0.97)) addMessage(random, stream, add);
  // a second answer, or trailers, on a stream that is over
  if (chance(random, 0.04)) addMessage(random, stream, add);
  let bytes = mutateBytes(random, Buffer.concat(parts), 0.08);
  if (chance(random, 0.06)) bytes = bytes.subarray(0, Math.floor(random() * bytes.length));
  const ending = chance(random, 0.85) ? 'stay' : pick(random, ['fin', 'reset'] as const);
  return { bytes, ending };
}

function addMessage(random: Random, stream: number, add: (...parts: Buffer[]) => void): void {
  const hasTrailers = chance(random, 0.15);
  const count = chance(random, 0.3) ? 0 : 1 + Math.floor(random() * 4);
  const data = Array.from({ length: count }, () => content(random));
  const length = data.reduce((sum, { length: size }) => sum + size, 0);
  const fields = someFields(random);
  if (chance(random, 0.4))
    fields.push(literal('content-length', String(length + (chance(random, 0.1) ? 1 : 0))));
  const status = chance(random, 0.85) ? Buffer.from([0x88]) : literal(':status', pick(random, STATUSES));
  const block = Buffer.concat(chance(random, 0.98) ? [status, ...fields] : fields);
  add(headFrames(random, stream, block, count === 0 && !hasTrailers && chance(random, 0.95)));
  for (const [at, part] of data.entries()) {
    const isLast = at === count - 1 && !hasTrailers && chance(random, 0.93);
    add(dataFrame(random, stream, part, isLast));
  }
  if (!hasTrailers) return;
  for (let left = chance(random, 0.9) ? 1 : 2; left > 0; left--) {
    const trailers = Buffer.concat([literal('x-sum', '7'), ...someFields(random)]);
    add(headFrames(random, stream, trailers, chance(random, 0.95)));
  }
}

function content(random: Random): Buffer {
  const size = chance(random, 0.9) ? Math.floor(random() * 200) : pick(random, [0, 16_384, 16_384, 16_385]);
  return Buffer.alloc(size, String.fromCharCode(97 + Math.floor(random() * 26)));
}

function dataFrame(random: Random, stream: number, part: Buffer, isLast: boolean): Buffer {
  const flags = isLast ? FLAG.endStream : 0;
  if (part.length > 16_000 || !chance(random, 0.05)) return frame(TYPE.data, flags, stream, part);
  const padding = pick(random, [0, 1, 200]);
  const payload = Buffer.concat([Buffer.from([padding]), part, Buffer.alloc(padding)]);
  return frame(TYPE.data, flags | FLAG.padded, stream, payload);
}

function interims(random: Random, stream: number): Buffer[] {
  const count = pick(random, [1, 1, 2, 5, 99, 150, 3000]);
  const status = pick(random, ['100', '102', '103', '103', '199', '101']);
  const block = Buffer.concat([literal(':status', status), ...someFields(random)]);
  return Array.from({ length: count }, () =>
    frame(TYPE.headers, FLAG.endHeaders, stream, block.subarray(0, 16_384)),
  );
}

/** Answer of an upstream that does as it should: 200, `ok`. */
export function makeHonestAnswer(stream: number): Said {
  const head = frame(TYPE.headers, FLAG.endHeaders, stream, Buffer.from([0x88]));
  return {
    bytes: Buffer.concat([head, frame(TYPE.data, FLAG.endStream, stream, Buffer.from('ok'))]),
    ending: 'stay',
  };
}
