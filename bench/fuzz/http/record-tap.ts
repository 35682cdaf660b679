import type { Socket } from 'node:net';

/** Content type of an alert (RFC 5246, 6.2.1). */
const ALERT = 21;
const HEADER = 5;

/**
 * Sees which TLS records a socket gets. TLS 1.2 shows their types; the last one of a connection that was ended, not cut, is the
 * alert close_notify (RFC 5246, 7.2.1), of which Node.js tells nothing. Sees nothing of a socket whose handle TLS has taken over.
 */
export class RecordTap {
  #last: number | undefined;
  /** bytes until the next header */
  #skip = 0;
  /** beginning of a header that is not whole */
  #header = Buffer.alloc(0);

  constructor(socket: Socket) {
    socket.on('data', (chunk) => this.#follow(chunk));
  }

  /** Whether the last record was an alert: the peer has ended the connection on purpose. */
  get isNotified(): boolean {
    return this.#last === ALERT;
  }

  #follow(chunk: Buffer): void {
    let at = Math.min(this.#skip, chunk.length);
    this.#skip -= at;
    while (at < chunk.length) {
      const header = Buffer.concat([this.#header, chunk.subarray(at, at + HEADER - this.#header.length)]);
      at += header.length - this.#header.length;
      if (header.length < HEADER) {
        this.#header = header;
        return;
      }
      this.#header = Buffer.alloc(0);
      this.#last = header[0];
      const length = header.readUInt16BE(3);
      this.#skip = Math.max(0, length - (chunk.length - at));
      at += length;
    }
  }
}
