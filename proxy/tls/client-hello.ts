/** Result of reading a ClientHello from the first bytes of a connection. */
export type ClientHelloRead =
  /** the bytes so far may be the beginning of a ClientHello */
  | { state: 'incomplete' }
  /** the bytes are no ClientHello, whatever follows */
  | { state: 'invalid'; why: string }
  /** `serverName`: lower case; absent without the extension. `length`: bytes of its records, some of which may be still to come */
  | { state: 'complete'; length: number; serverName?: string };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME_EXTENSION = 0;
const HOST_NAME = 0;
/** Most plaintext bytes in a record: 2^14 (RFC 8446, 5.1). */
const MAX_RECORD = 16_384;

/**
 * Reads the server name of a TLS ClientHello, which may be split over packets and TLS records. Pure: the same bytes give the
 * same result. The caller bounds the number of bytes.
 *
 * @example
 * readClientHello(Buffer.from([22, 3])); // { state: 'incomplete' }
 */
export function readClientHello(bytes: Buffer): ClientHelloRead {
  const fragments: Buffer[] = [];
  let have = 0;
  let need = 4;
  let at = 0;
  while (have < need) {
    const record = readRecord(bytes, at);
    if ('state' in record) return record;
    fragments.push(record.fragment);
    have += record.fragment.length;
    if (fragments[0]![0] !== CLIENT_HELLO) return invalid('the first handshake message is not a ClientHello');
    if (have >= 4) need = 4 + lengthOf(fragments);
    if (have < need && record.cut) return INCOMPLETE;
    at = record.next;
  }
  const message = fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments);
  const read = readMessage(message.subarray(4, need));
  return 'why' in read ? read : { state: 'complete', length: at, ...read };
}

/** Content of a complete ClientHello. */
type Message = { serverName?: string } | Invalid;
type Invalid = Extract<ClientHelloRead, { state: 'invalid' }>;

const INCOMPLETE: ClientHelloRead = { state: 'incomplete' };

const invalid = (why: string): Invalid => ({ state: 'invalid', why });

/** Content of the record at `at`; `cut`: the record is incomplete. */
function readRecord(
  bytes: Buffer,
  at: number,
): { fragment: Buffer; next: number; cut: boolean } | ClientHelloRead {
  if (bytes.length > at && bytes[at] !== HANDSHAKE_RECORD) return invalid('not a TLS handshake record');
  if (bytes.length > at + 1 && bytes[at + 1] !== 3) return invalid('not a TLS version');
  if (bytes.length < at + 5) return INCOMPLETE;
  const length = bytes.readUInt16BE(at + 3);
  if (length === 0 || length > MAX_RECORD) return invalid('invalid length of a TLS record');
  const fragment = bytes.subarray(at + 5, at + 5 + length);
  if (fragment.length === 0) return INCOMPLETE;
  return { fragment, next: at + 5 + length, cut: fragment.length < length };
}

function lengthOf(fragments: Buffer[]): number {
  const head = fragments[0]!.length >= 4 ? fragments[0]! : Buffer.concat(fragments);
  return head.readUIntBE(1, 3);
}

/** Cursor over length-prefixed fields; undefined where a field goes past the end. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Buffer | undefined {
    if (this.remaining < length) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  number(width: 1 | 2): number | undefined {
    return this.take(width)?.readUIntBE(0, width);
  }

  /** reads a field that begins with its own length */
  vector(width: 1 | 2): Buffer | undefined {
    const length = this.number(width);
    return length === undefined ? undefined : this.take(length);
  }
}

function readMessage(message: Buffer): Message {
  const fields = new Fields(message);
  const fixed = fields.take(2 + 32);
  const session = fields.vector(1);
  const ciphers = fields.vector(2);
  const compression = fields.vector(1);
  if ([fixed, session, ciphers, compression].includes(undefined))
    return invalid('the ClientHello is cut short');
  // a ClientHello before TLS 1.2 may have no extensions
  if (fields.remaining === 0) return {};
  const extensions = fields.vector(2);
  if (extensions === undefined || fields.remaining > 0)
    return invalid('the extensions do not fit the ClientHello');
  return readExtensions(new Fields(extensions));
}

function readExtensions(fields: Fields): Message {
  while (fields.remaining > 0) {
    const type = fields.number(2);
    const body = fields.vector(2);
    if (type === undefined || body === undefined) return invalid('an extension is cut short');
    if (type === SERVER_NAME_EXTENSION) return readServerName(body);
  }
  return {};
}

function readServerName(body: Buffer): Message {
  const list = new Fields(body).vector(2);
  const names = new Fields(list ?? Buffer.alloc(0));
  while (names.remaining > 0) {
    const type = names.number(1);
    const name = names.vector(2);
    if (name === undefined) break;
    if (type === HOST_NAME) return checkName(name);
  }
  return invalid('the server name extension has no name');
}

/** Checks that a name has only characters of DNS names: it goes into logs and is compared with host patterns. */
function checkName(name: Buffer): Message {
  const text = name.toString('latin1').toLowerCase();
  if (text.length > 255 || !/^[a-z\d_-]+(\.[a-z\d_-]+)*$/.test(text)) {
    return invalid('the server name is not a DNS name');
  }
  return { serverName: text };
}
