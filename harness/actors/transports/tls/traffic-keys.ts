import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/** Content types of records (RFC 8446, 5.1). */
export const APPLICATION_DATA = 23;
export const HANDSHAKE = 22;

/** Bytes before the payload of a record, and those of the tag behind it. */
const HEADER = 5;
const TAG = 16;

/** Cipher suite of TLS 1.3. */
export type Suite = {
  /** name in OpenSSL */
  name: string;
  cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  /** bytes of a key */
  key: number;
  hash: 'sha256' | 'sha384';
};

const SUITES: readonly Suite[] = [
  { name: 'TLS_AES_128_GCM_SHA256', cipher: 'aes-128-gcm', key: 16, hash: 'sha256' },
  { name: 'TLS_AES_256_GCM_SHA384', cipher: 'aes-256-gcm', key: 32, hash: 'sha384' },
  { name: 'TLS_CHACHA20_POLY1305_SHA256', cipher: 'chacha20-poly1305', key: 32, hash: 'sha256' },
];

/** Suites that may belong to a secret: it is as long as the hash. */
export function suitesFor(secret: Buffer): readonly Suite[] {
  return SUITES.filter(({ hash }) => secret.length === (hash === 'sha256' ? 32 : 48));
}

/** Content of a record, and its type. */
export type Content = { type: number; content: Buffer };

/** Keys of one direction of a TLS 1.3 connection: those of now, and each next generation (RFC 8446, 7.2). */
export class TrafficKeys {
  readonly #suite: Suite;
  #secret: Buffer;
  #key: Buffer;
  #iv: Buffer;
  #sequence = 0n;

  constructor(suite: Suite, secret: Buffer) {
    this.#suite = suite;
    this.#secret = secret;
    [this.#key, this.#iv] = this.#derive();
  }

  /** Goes over to the next generation, whose records are counted from 0. */
  update(): void {
    this.#secret = this.#expand('traffic upd', this.#secret.length);
    [this.#key, this.#iv] = this.#derive();
    this.#sequence = 0n;
  }

  /** Passes over a record, which is made or opened elsewhere. */
  skip(): void {
    this.#sequence++;
  }

  /** Takes back a record that is not passed on. */
  unskip(): void {
    this.#sequence--;
  }

  /** Makes a record. */
  seal({ type, content }: Content): Buffer {
    const header = Buffer.from([APPLICATION_DATA, 3, 3, 0, 0]);
    header.writeUInt16BE(content.length + 1 + TAG, 3);
    const { cipher } = this.#suite;
    const seal = createCipheriv(cipher as 'aes-128-gcm', this.#key, this.#nonce(), { authTagLength: TAG });
    seal.setAAD(header, { plaintextLength: content.length + 1 });
    const sealed = Buffer.concat([seal.update(content), seal.update(Buffer.from([type])), seal.final()]);
    this.#sequence++;
    return Buffer.concat([header, sealed, seal.getAuthTag()]);
  }

  /** Opens a record; undefined if it was not made with these keys. */
  open(record: Buffer): Content | undefined {
    const { cipher } = this.#suite;
    const open = createDecipheriv(cipher as 'aes-128-gcm', this.#key, this.#nonce(), { authTagLength: TAG });
    open.setAAD(record.subarray(0, HEADER), { plaintextLength: record.length - HEADER - TAG });
    open.setAuthTag(record.subarray(-TAG));
    let inner: Buffer;
    try {
      inner = Buffer.concat([open.update(record.subarray(HEADER, -TAG)), open.final()]);
    } catch {
      return undefined;
    }
    this.#sequence++;
    // zeros may follow the type
    let end = inner.length - 1;
    while (end > 0 && inner[end] === 0) end--;
    return { type: inner[end] ?? 0, content: inner.subarray(0, end) };
  }

  #nonce(): Buffer {
    const nonce = Buffer.from(this.#iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ this.#sequence, 4);
    return nonce;
  }

  #derive(): [Buffer, Buffer] {
    return [this.#expand('key', this.#suite.key), this.#expand('iv', 12)];
  }

  /** HKDF-Expand-Label without a context (RFC 8446, 7.1). One block of the hash is enough for each of these. */
  #expand(label: string, length: number): Buffer {
    const name = Buffer.from(`tls13 ${label}`);
    const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
    return createHmac(this.#suite.hash, this.#secret).update(info).digest().subarray(0, length);
  }
}
