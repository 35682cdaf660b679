import type { Socket } from 'node:net';

/** Bytes allowed in a chunked body beside content and chunk heads: extensions, zeros, trailers. */
const EXTRA = 16_384;
/** Bytes that may have been read while their content is still in the parser: one read of TLS. */
const IN_PARSER = 16_384;
/** Bytes allowed for the head of a chunk and its line breaks. */
const CHUNK = 24;

/**
 * Limits the overhead of a chunked body. Node limits the extensions of each chunk, but a body of a thousand chunks could still
 * consist of extensions.
 *
 * @example
 * let read = 0; // `bytesTaken(socket)` of a connection
 * const framing = new FramingBytes(() => read);
 * read += 40_000;
 * framing.isExcessive(10, 0); // true: ten bytes of content came in 40,000
 */
export class FramingBytes {
  readonly #read: () => number;
  readonly #from: number;
  #chunks = 0;
  #content = 0;

  /** @param read returns the bytes of the connection read so far */
  constructor(read: () => number) {
    this.#read = read;
    this.#from = read();
  }

  /**
   * Counts a chunk, or a part of one, and tells whether the overhead is above the limit.
   *
   * @param buffered bytes of content that wait to be read
   */
  isExcessive(content: number, buffered: number): boolean {
    this.#chunks += 1;
    this.#content += content;
    const beside = this.#read() - this.#from - this.#content - buffered;
    // each of the waiting bytes may have been a chunk of its own
    return beside > EXTRA + IN_PARSER + (this.#chunks + buffered) * CHUNK;
  }
}

/** Bytes of a client that the parser has had. What is read ahead while nobody takes it waits in the socket. */
export function bytesTaken({ bytesRead, readableLength }: Socket): number {
  return bytesRead - readableLength;
}
