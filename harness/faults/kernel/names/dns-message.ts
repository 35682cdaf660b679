import net from 'node:net';

/** Codes of a DNS answer (RFC 1035, section 4.1.1). */
export const RCODE = { ok: 0, servfail: 2, nxdomain: 3 } as const;

const TYPE = { A: 1, AAAA: 28 } as const;
const HEADER = 12;

/** Reads the question of a query: the name in lower case and the type; `undefined` if it is no query. */
export function readQuestion(query: Buffer): { name: string; type: number; end: number } | undefined {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at]; ; length = query[at]) {
    if (length === undefined || length > 63) return undefined;
    at++;
    if (length === 0) break;
    labels.push(query.toString('latin1', at, at + length).toLowerCase());
    at += length;
  }
  if (query.length < at + 4) return undefined;
  return { name: labels.join('.'), type: query.readUInt16BE(at), end: at + 4 };
}

/**
 * Builds the answer to a query: the addresses of the requested type, each valid for 0 seconds, or just a code.
 *
 * @example
 * answerTo(query, ['10.199.9.1', 'fd00:199:9::1']);
 */
export function answerTo(
  query: Buffer,
  addresses: readonly string[],
  rcode: number = RCODE.ok,
): Buffer | undefined {
  const question = readQuestion(query);
  if (question === undefined) return undefined;
  const records = rcode === RCODE.ok ? addresses.flatMap((address) => recordOf(address, question.type)) : [];
  const header = Buffer.alloc(HEADER);
  query.copy(header, 0, 0, 2);
  // an authoritative answer; recursion as requested, and available
  header.writeUInt16BE(0x8480 | ((query[2] ?? 0) & 1 ? 0x100 : 0) | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(HEADER, question.end), ...records]);
}

function recordOf(address: string, type: number): Buffer[] {
  const bytes = bytesOf(address);
  if (type !== (bytes.length === 4 ? TYPE.A : TYPE.AAAA)) return [];
  // a pointer to the question's name, type, class IN, time to live, length
  const head = Buffer.from([0xc0, HEADER, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  return [Buffer.concat([head, bytes])];
}

function bytesOf(address: string): Buffer {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const words = (text: string | undefined): number[] =>
    text === undefined || text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [front, back] = [words(head), words(tail)];
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  return Buffer.from(
    [...front, ...Array.from({ length: gap }, () => 0), ...back].flatMap((word) => [word >> 8, word & 0xff]),
  );
}
