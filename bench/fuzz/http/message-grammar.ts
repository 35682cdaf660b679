/** A source of chances: numbers in [0, 1). */
export type Random = () => number;

/** The name that the clients' handshakes ask for. */
export const SERVER_NAME = 'a.lastfin.test';

/** Bytes that must never be a message: they stand in bodies, extensions, values and behind the end. */
const SMUGGLED = `GET /smuggled HTTP/1.1\r\nHost: ${SERVER_NAME}\r\n\r\n`;

const HOSTS = [
  SERVER_NAME,
  SERVER_NAME.toUpperCase(),
  `${SERVER_NAME}.`,
  `${SERVER_NAME}:8443`,
  'b.lastfin.test',
  'localhost',
  '',
  `${SERVER_NAME}:x`,
  `x@${SERVER_NAME}`,
  `${SERVER_NAME}/`,
  `${SERVER_NAME}, b.lastfin.test`,
  '[::1]',
  'a\tb',
];
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'get',
  'M-SEARCH',
  'PRI',
  'SOURCE',
  'CONNECT',
  'G ET',
  'GET\t',
];
const TARGETS = [
  '/',
  '/x?y=1',
  '*',
  'x',
  `http://${SERVER_NAME}/x`,
  `https://${SERVER_NAME}`,
  'http://evil/',
  '/#f',
  '/\u00e9',
  '/\u0001',
  '//x',
  '/a b',
  '',
  `${SERVER_NAME}:80`,
  '/%0d%0aX:y',
  'http:///x',
];
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/1,1',
  'RTSP/1.0',
  '',
];
const LENGTHS = ['+5', '-1', '0x10', '5, 5', '5 5', '', '99999999999999999999', '1e3', '005', '5;', '\u00b2'];
const ENCODINGS = [
  'chunked',
  'Chunked',
  ' chunked',
  'chunked ',
  '\tchunked',
  '\u000bchunked',
  'chunked, chunked',
  'gzip, chunked',
  'chunked, gzip',
  'identity',
  'xchunked',
  '',
  ',chunked',
  'chunked,',
  'chunked;q=1',
  '"chunked"',
  'chunk',
  'gzip',
];
const CONNECTIONS = [
  'close',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'host',
  'content-length, transfer-encoding, host',
  'te, trailer',
  'upgrade',
  'close, x-own',
  'x-forwarded-for',
  ',',
  'Upgrade, HTTP2-Settings',
  'close, upgrade',
];
const FIELDS = [
  'X: a',
  'X:a',
  'X : a',
  ' X: a',
  'X: a\r\n b',
  'X: a\u0000b',
  'X: a\u0001',
  'X: a\u007f',
  'X: \u00e9',
  'X\u00e9: a',
  ': a',
  'X',
  'X: a\rY: b',
  'X: a\nY: b',
  'Trailer: x-t',
  'Trailer: content-length',
  'TE: trailers',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABk',
  'Expect: 100-continue',
  'Expect: x',
  '__proto__: x',
  'constructor: x',
  'toString: x',
  'hasOwnProperty: x',
  'Content_Length: 50',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Content-Length\t: 5',
  'Keep-Alive: timeout=5',
  'Proxy-Connection: close',
  'Proxy-Authorization: x',
  'X-Forwarded-For: 192.0.2.1',
  'Max-Forwards: 0',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Date: x',
  'Set-Cookie: a=b',
  'Cookie: a=b',
  'Content-Type: a/b',
];
const LINE_ENDS = ['\n', '\r', '\r\r\n', '\n\n', '\r\n\r\n', '\u0000', ''];
const STATUSES = [
  '200 OK',
  '200',
  '204 No Content',
  '304 Not Modified',
  '205 Reset',
  '404 Not Found',
  '500 x',
  '099 x',
  '000 x',
  '600 x',
  '999 x',
  '100 Continue',
  '101 Switching Protocols',
  '103 Hints',
  '20 x',
  '2000 x',
  '200 a\u0001b',
  '200 a\u0000b',
  '200 \u00e9',
  '-200 x',
  '200\tOK',
];

/** Makes the bytes of a client on one connection: some requests, each nearly always nearly right. */
export function makeRequests(random: Random): string {
  let text = '';
  const count = 1 + Math.floor(random() * 4);
  for (let at = 0; at < count; at += 1) text += makeRequest(random);
  if (chance(random, 0.1)) text += SMUGGLED;
  return mutate(random, text);
}

function makeRequest(random: Random): string {
  const method = chance(random, 0.85) ? pick(random, METHODS.slice(0, 7)) : pick(random, METHODS);
  const target = chance(random, 0.85) ? TARGETS[0]! : pick(random, TARGETS);
  const version = chance(random, 0.93) ? VERSIONS[0]! : pick(random, VERSIONS);
  const fields: string[] = [];
  if (chance(random, 0.98)) fields.push(`Host: ${chance(random, 0.9) ? SERVER_NAME : pick(random, HOSTS)}`);
  if (chance(random, 0.04)) fields.push(`Host: ${pick(random, HOSTS)}`);
  return `${method} ${target} ${version}\r\n${makeRest(random, fields)}`;
}

/** Makes the bytes of an upstream on one connection: an answer that is nearly right, and possible bytes around it. */
export function makeAnswer(random: Random): string {
  const status = chance(random, 0.7) ? STATUSES[0]! : pick(random, STATUSES);
  const version = chance(random, 0.93) ? VERSIONS[0]! : pick(random, VERSIONS);
  let text = chance(random, 0.05)
    ? 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1 + Math.floor(random() * 200))
    : '';
  text += `${version} ${status}\r\n${makeRest(random, [])}`;
  if (chance(random, 0.08))
    text += pick(random, ['EXTRA', '\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL']);
  const mutated = mutate(random, text);
  // cut short
  return chance(random, 0.1) ? mutated.slice(0, Math.floor(random() * mutated.length)) : mutated;
}

/** Header fields and a body. */
function makeRest(random: Random, fields: string[]): string {
  while (chance(random, 0.4)) fields.push(pick(random, FIELDS));
  if (chance(random, 0.3)) fields.push(`Connection: ${pick(random, CONNECTIONS)}`);
  if (chance(random, 0.01)) fields.push(...Array.from({ length: 1100 }, () => 'a:b'));
  const content = chance(random, 0.5) ? SMUGGLED : 'x'.repeat(Math.floor(random() * 40));
  let body = '';
  const framing = random();
  if (framing < 0.3) {
    fields.push(`Content-Length: ${content.length}`);
    body = content;
  } else if (framing < 0.6) {
    fields.push('Transfer-Encoding: chunked');
    body = makeChunks(random, content);
  }
  if (chance(random, 0.06))
    fields.push(`Content-Length: ${pick(random, [...LENGTHS, '5', String(content.length)])}`);
  if (chance(random, 0.06)) fields.push(`Transfer-Encoding: ${pick(random, ENCODINGS)}`);
  shuffle(random, fields);
  return `${fields.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
}

function makeChunks(random: Random, content: string): string {
  let text = '';
  for (let at = 0; at < content.length;) {
    const length = 1 + Math.floor(random() * content.length);
    const part = content.slice(at, at + length);
    at += part.length;
    const size = part.length.toString(16);
    const odd = [
      `0${size}`,
      `0x${size}`,
      `+${size}`,
      ` ${size}`,
      `${size} `,
      'ffffffffffffffff',
      size.toUpperCase(),
    ];
    text += chance(random, 0.95) ? size : pick(random, odd);
    if (chance(random, 0.1))
      text += pick(random, [
        ';a=b',
        ';a',
        ';',
        `;a="${'b'.repeat(50)}"`,
        `;${'a'.repeat(20_000)}`,
        ';a\n',
        ';\u0000',
      ]);
    text += `\r\n${part}\r\n`;
  }
  text += `0\r\n`;
  if (chance(random, 0.15))
    text += pick(random, [
      'X-T: 1\r\n',
      'Content-Length: 5\r\n',
      `Host: evil\r\n`,
      'bad\r\n',
      'Transfer-Encoding: chunked\r\n',
    ]);
  return `${text}\r\n`;
}

/** Inserts a wrong byte or line end now and then. */
function mutate(random: Random, text: string): string {
  if (chance(random, 0.6)) return text;
  const at = Math.floor(random() * text.length);
  const kind = random();
  if (kind < 0.35) {
    const ends = [...text.matchAll(/\r\n/g)];
    const end = ends[Math.floor(random() * ends.length)];
    if (end === undefined) return text;
    return text.slice(0, end.index) + pick(random, LINE_ENDS) + text.slice(end.index + 2);
  }
  const byte = String.fromCharCode(Math.floor(random() * 256));
  if (kind < 0.6) return text.slice(0, at) + byte + text.slice(at + 1);
  if (kind < 0.8) return text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 4));
  if (kind < 0.9) return text.slice(0, at);
  return text.slice(0, at) + byte + text.slice(at);
}

export function chance(random: Random, share: number): boolean {
  return random() < share;
}

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

function shuffle(random: Random, values: string[]): void {
  for (let at = values.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [values[at], values[other]] = [values[other]!, values[at]!];
  }
}
