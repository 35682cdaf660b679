import { chance, pick, SERVER_NAME } from '../http/message-grammar.ts';
import type { Random } from '../http/message-grammar.ts';
import { headFrames, someFields } from './fields.ts';
import { FLAG, frame, literal, PREFACE, TYPE, word } from './frames.ts';
import { mutateBytes, oddFrames, oddSettings, someFlood, someGoaway, someReset } from './odd-frames.ts';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PRI',
  'get',
  'G ET',
  '',
  'SOURCE',
];
const PATHS = [
  '/x?y=1',
  '*',
  'x',
  '',
  '/#f',
  '/a b',
  '/\r\nX: y',
  '/\u00e9',
  'http://evil/',
  '//x',
  '/%0d%0a',
  '/\0',
];
const SCHEMES = ['http', 'HTTPS', 'ftp', '', 'https:'];
const HOSTS = [
  SERVER_NAME.toUpperCase(),
  `${SERVER_NAME}.`,
  `${SERVER_NAME}:8443`,
  'b.lastfin.test',
  '',
  `x@${SERVER_NAME}`,
  `${SERVER_NAME}/`,
  `${SERVER_NAME}\r\nX: y`,
  '[::1]',
];
/** Bytes that must never be a request of their own at an upstream. */
const SMUGGLED = `GET /smuggled HTTP/1.1\r\nHost: ${SERVER_NAME}\r\n\r\n`;

/** Makes the bytes of a client on one connection: some requests, each mostly nearly right. */
export function makeClientBytes(random: Random): Buffer {
  const parts: Buffer[] = [chance(random, 0.98) ? PREFACE : PREFACE.subarray(0, pick(random, [0, 3, 23]))];
  const settings = chance(random, 0.85) ? frame(TYPE.settings, 0, 0) : oddSettings(random);
  if (chance(random, 0.98)) parts.push(settings);
  const count = 1 + Math.floor(random() * 5);
  for (let at = 0; at < count; at++) {
    const stream = chance(random, 0.97) ? 2 * at + 1 : pick(random, [0, 2, 1, 2 ** 31 - 1]);
    parts.push(...makeStream(random, stream));
  }
  if (chance(random, 0.05)) parts.push(someGoaway(random, 1));
  return mutateBytes(random, Buffer.concat(parts), 0.15);
}

function makeStream(random: Random, stream: number): Buffer[] {
  const parts: Buffer[] = [];
  const add = (...more: Buffer[]): void => {
    parts.push(...more);
    if (chance(random, 0.05)) parts.push(oddFrames(random, stream));
    if (chance(random, 0.03)) parts.push(someReset(random, stream));
    if (chance(random, 0.02))
      parts.push(frame(TYPE.window, 0, stream, word(pick(random, [0, 1, 2 ** 31 - 1]))));
    if (chance(random, 0.005)) parts.push(someFlood(random, stream));
  };
  add();
  const method = chance(random, 0.8) ? pick(random, METHODS.slice(0, 5)) : pick(random, METHODS);
  const body = chance(random, 0.5) ? SMUGGLED : 'x'.repeat(Math.floor(random() * 60));
  const hasBody = chance(random, method === 'POST' || method === 'PUT' ? 0.9 : 0.1);
  const fields = someFields(random);
  if (hasBody && chance(random, 0.5))
    fields.push(literal('content-length', String(body.length + (chance(random, 0.1) ? 1 : 0))));
  const head = pseudo(random, method);
  // pseudo-header fields behind the others, now and then
  const block = Buffer.concat(chance(random, 0.97) ? [...head, ...fields] : [...fields, ...head]);
  const hasTrailers = chance(random, 0.08);
  add(headFrames(random, stream, block, !hasBody && !hasTrailers));
  if (hasBody) {
    const cut = Math.floor(random() * body.length);
    add(frame(TYPE.data, 0, stream, Buffer.from(body.slice(0, cut))));
    const ends = !hasTrailers && chance(random, 0.95);
    add(frame(TYPE.data, ends ? FLAG.endStream : 0, stream, Buffer.from(body.slice(cut))));
  }
  if (hasTrailers)
    add(headFrames(random, stream, Buffer.concat([literal('x-sum', '7'), ...someFields(random)]), true));
  return parts;
}

function pseudo(random: Random, method: string): Buffer[] {
  const path = chance(random, 0.92) ? '/' : pick(random, PATHS);
  const scheme = chance(random, 0.97) ? 'https' : pick(random, SCHEMES);
  const host = chance(random, 0.94) ? SERVER_NAME : pick(random, HOSTS);
  const fields = [
    literal(':method', method),
    literal(':scheme', scheme),
    literal(':authority', host),
    literal(':path', path),
  ];
  if (chance(random, 0.03)) fields.splice(Math.floor(random() * fields.length), 1);
  if (chance(random, 0.02)) fields.push(pick(random, fields));
  return fields;
}
