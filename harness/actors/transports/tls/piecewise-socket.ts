import type { Socket } from 'node:net';

import { StreamOver } from '../stream-over.ts';

/** Time between two pieces, ms. */
const APART = 1;

/** Split of the ClientHello: into writes (`pieces`), or into TLS records in one write (`records`), each of this many bytes. */
export type Cut = { pieces?: number; records?: number };

/**
 * Socket whose first write, the ClientHello, is sent in pieces, each in a write of its own a millisecond after the one before, or in
 * several TLS records (RFC 8446, 5.1). The kernel decides how many reads they become: with Nagle off, most stay separate, even if the
 * reader is a little late.
 */
export class PiecewiseSocket extends StreamOver<Socket> {
  readonly #size: number;
  readonly #records: number | undefined;
  #isCut = false;

  constructor(socket: Socket, { pieces = Infinity, records }: Cut) {
    super(socket);
    this.#size = pieces;
    this.#records = records;
    this.begin();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isCut) return super._write(chunk, encoding, done);
    this.#isCut = true;
    this.#writePieces(this.#records === undefined ? chunk : inRecords(chunk, this.#records), done);
  }

  #writePieces(rest: Buffer, done: (error?: Error | null) => void): void {
    const last = rest.length <= this.#size;
    this.inner.write(rest.subarray(0, this.#size), (error) => {
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
