import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Time between two pieces, ms. */
const APART = 1;

/** Split of the ClientHello: into writes (`pieces`), or into TLS records in one write (`records`), each of this many bytes. */
export type Cut = { pieces?: number; records?: number };

/**
 * Socket whose first write, the ClientHello, is sent in pieces, each in a write of its own a millisecond after the one before, or in
 * several TLS records (RFC 8446, 5.1). The kernel decides how many reads they become: with Nagle off, most stay separate, even if the
 * reader is a little late.
 */
export class PiecewiseSocket extends Duplex {
  readonly #socket: Socket;
  readonly #size: number;
  readonly #records: number | undefined;
  #isCut = false;

  constructor(socket: Socket, { pieces = Infinity, records }: Cut) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#size = pieces;
    this.#records = records;
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isCut) return void this.#socket.write(chunk, done);
    this.#isCut = true;
    this.#writePieces(this.#records === undefined ? chunk : inRecords(chunk, this.#records), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #writePieces(rest: Buffer, done: (error?: Error | null) => void): void {
    const last = rest.length <= this.#size;
    this.#socket.write(rest.subarray(0, this.#size), (error) => {
      if (last || error) done(error);
      else setTimeout(() => this.#writePieces(rest.subarray(this.#size), done), APART);
    });
  }
}

const RECORD_HEADER = 5;

/** Splits a TLS record into several with at most `size` bytes of its content each. */
function inRecords(record: Buffer, size: number): Buffer {
  const content = record.subarray(RECORD_HEADER);
  const records: Buffer[] = [];
  for (let at = 0; at < content.length; at += size) {
    const part = content.subarray(at, at + size);
    const header = Buffer.from(record.subarray(0, RECORD_HEADER));
    header.writeUInt16BE(part.length, 3);
    records.push(header, part);
  }
  return Buffer.concat(records);
}
