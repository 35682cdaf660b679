import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** ms between two pieces */
const APART = 1;

/** How the ClientHello is cut: into writes, or into TLS records in one write, of so many bytes each. */
export type Cut = { pieces?: number; records?: number };

/**
 * A socket whose first write, the ClientHello, goes out in pieces, each in a write of its own and a millisecond after the one before, or in
 * several TLS records (RFC 8446, 5.1).
 * How many reads they become is the kernel's affair: with Nagle off, most of them stay apart, also where the reader is a little late.
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

/** One TLS record as several with so many bytes of its content each. */
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
