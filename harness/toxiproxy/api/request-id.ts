import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';
const random = randomBytes(5);
let counter = randomBytes(3).readUIntBE(0, 3);

/** A sortable id of 20 characters, of the form (xid) that the real server puts on every answer. */
export function requestId(): string {
  counter = (counter + 1) & 0xff_ff_ff;
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000) >>> 0, 0);
  random.copy(bytes, 4);
  bytes.writeUIntBE(counter, 9, 3);
  let bits = BigInt(`0x${bytes.toString('hex')}`) << 4n;
  let id = '';
  for (let at = 0; at < 20; at++) {
    id = ALPHABET[Number(bits & 31n)] + id;
    bits >>= 5n;
  }
  return id;
}
