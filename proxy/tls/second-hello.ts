import type { Socket } from 'node:net';
import type { Replies } from '../connection/replies.ts';
import { readClientHello } from './client-hello.ts';

/** Random of a ServerHello that marks it as a HelloRetryRequest (RFC 8446, 4.1.3). */
const RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
/** Offset of the random: record header 5, message header 4, version 2. */
const RANDOM_AT = 11;

const HANDSHAKE = 22;
const RECORD_HEADER = 5;
/** Most bytes of a second ClientHello: a cookie of at most 64 KiB besides the content of the first. */
const MAX_HELLO = 131_072;

/** Skips a client's records up to the next handshake record, and keeps the bytes from there on. */
export class HandshakeSeeker {
  #skip: number;
  #bytes = Buffer.alloc(0);

  /** @param skip bytes that belong to the first ClientHello */
  constructor(skip: number) {
    this.#skip = skip;
  }

  /** Adds a chunk; returns all bytes from the next handshake record on, empty while there is none. */
  add(chunk: Buffer): Buffer {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(skipped)]);
    while (this.#bytes.length >= RECORD_HEADER && this.#bytes[0] !== HANDSHAKE) {
      const length = RECORD_HEADER + this.#bytes.readUInt16BE(3);
      this.#skip = Math.max(0, length - this.#bytes.length);
      this.#bytes = this.#bytes.subarray(length);
    }
    return this.#bytes[0] === HANDSHAKE ? this.#bytes : Buffer.alloc(0);
  }
}

/** Whether the first bytes of a server are a HelloRetryRequest; undefined while they may still become one. */
export function isRetryRequest(bytes: Buffer): boolean | undefined {
  const random = bytes.subarray(RANDOM_AT, RANDOM_AT + RETRY_RANDOM.length);
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return false;
  if (!random.equals(RETRY_RANDOM.subarray(0, random.length))) return false;
  return random.length === RETRY_RANDOM.length ? true : undefined;
}

/**
 * Calls back if a TLS 1.3 client that was told to retry (HelloRetryRequest) asks for another name than at first, which is
 * forbidden (RFC 8446, 4.1.2): the route was chosen by the first name. Call it once the pipe is set up: ending a connection
 * before the pipe has its bytes would write to an ended socket. Reads along with the copying, changes nothing, and releases both
 * sides as soon as it is decided: in nearly all handshakes with the first bytes of the server.
 *
 * @param first ClientHello by which the route was chosen, and all bytes that the client has sent so far
 */
export function watchSecondHello(
  client: Socket,
  server: Pick<Replies, 'watcher'>,
  first: { length: number; serverName?: string; sent: Buffer },
  onChanged: () => void,
): void {
  const seeker = new HandshakeSeeker(first.length);
  let second = seeker.add(first.sent);
  let answer = Buffer.alloc(0);
  let retry: boolean | undefined;
  const stop = (): void => {
    client.off('data', onClient);
    server.watcher = undefined;
    client.off('close', stop);
  };
  const decide = (): void => {
    if (retry === false) return stop();
    // too many bytes before the server's answer, or for a hello: no TLS client does that
    if (second.length > MAX_HELLO) return change();
    if (retry === undefined || second.length === 0) return;
    const hello = readClientHello(second);
    if (hello.state === 'incomplete') return;
    if (hello.state === 'complete' && hello.serverName === first.serverName) return stop();
    change();
  };
  const change = (): void => {
    stop();
    onChanged();
  };
  const onClient = (chunk: Buffer): void => {
    second = seeker.add(chunk);
    decide();
  };
  const onServer = (chunk: Buffer): void => {
    if (retry !== undefined) return;
    answer = Buffer.concat([answer, chunk.subarray(0, RANDOM_AT + RETRY_RANDOM.length)]);
    retry = isRetryRequest(answer);
    decide();
  };
  client.on('data', onClient);
  server.watcher = onServer;
  client.on('close', stop);
}
