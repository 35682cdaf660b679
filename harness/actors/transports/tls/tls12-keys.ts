import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/** Pseudo-random function of TLS 1.2 with SHA-256 (RFC 5246, 5). */
export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const hmac = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest();
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const blocks: Buffer[] = [];
  for (let a = hmac(labelled), size = 0; size < length; a = hmac(a), size += 32)
    blocks.push(hmac(Buffer.concat([a, labelled])));
  return Buffer.concat(blocks).subarray(0, length);
}

const KEY = 16;
const SALT = 4;
const EXPLICIT_NONCE = 8;
const TAG = 16;
const CIPHER = 'aes-128-gcm';

/** Record protection of one direction with AES-128-GCM (RFC 5288, 3). */
export class RecordKey {
  readonly #key: Buffer;
  readonly #salt: Buffer;
  #sequence = 0n;

  constructor(key: Buffer, salt: Buffer) {
    this.#key = key;
    this.#salt = salt;
  }

  seal(type: number, plain: Buffer): Buffer {
    const sequence = this.#next();
    const cipher = createCipheriv(CIPHER, this.#key, Buffer.concat([this.#salt, sequence]));
    cipher.setAAD(additional(sequence, type, plain.length));
    return Buffer.concat([sequence, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** Decrypts a record. Throws if the peer did not encrypt it. */
  open(type: number, sealed: Buffer): Buffer {
    const nonce = sealed.subarray(0, EXPLICIT_NONCE);
    const secret = sealed.subarray(EXPLICIT_NONCE, -TAG);
    const decipher = createDecipheriv(CIPHER, this.#key, Buffer.concat([this.#salt, nonce]));
    decipher.setAAD(additional(this.#next(), type, secret.length));
    decipher.setAuthTag(sealed.subarray(-TAG));
    return Buffer.concat([decipher.update(secret), decipher.final()]);
  }

  #next(): Buffer {
    const sequence = Buffer.alloc(EXPLICIT_NONCE);
    sequence.writeBigUInt64BE(this.#sequence++);
    return sequence;
  }
}

/** Derives the keys of both directions (RFC 5246, 6.3). */
export function recordKeys(
  master: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
): { client: RecordKey; server: RecordKey } {
  const seed = Buffer.concat([serverRandom, clientRandom]);
  const block = prf(master, 'key expansion', seed, 2 * (KEY + SALT));
  const salts = block.subarray(2 * KEY);
  return {
    client: new RecordKey(block.subarray(0, KEY), salts.subarray(0, SALT)),
    server: new RecordKey(block.subarray(KEY, 2 * KEY), salts.subarray(SALT)),
  };
}

function additional(sequence: Buffer, type: number, length: number): Buffer {
  return Buffer.concat([sequence, Buffer.from([type, 3, 3, length >> 8, length & 0xff])]);
}
