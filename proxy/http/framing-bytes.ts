/** Bytes that a chunked body may have beside its content and the heads of its chunks: extensions, zeros, trailers. */
const EXTRA = 16_384;
/** Bytes that may have been read although their content has not come out of the parser: one read of TLS. */
const IN_PARSER = 16_384;
/** The head of a chunk and its line breaks. */
const CHUNK = 24;

/**
 * Bounds what a chunked body has beside its content. Node bounds the extensions of each chunk; a body of a thousand chunks could
 * still be all extensions.
 *
 * @example
 * let read = 0; // `socket.bytesRead` of a connection
 * const framing = new FramingBytes(() => read);
 * read += 40_000;
 * framing.isExcessive(10, 0); // true: ten bytes of content came in 40,000
 */
export class FramingBytes {
  readonly #read: () => number;
  readonly #from: number;
  #chunks = 0;
  #content = 0;

  /** @param read bytes of the connection so far */
  constructor(read: () => number) {
    this.#read = read;
    this.#from = read();
  }

  /**
   * Counts a chunk, or a part of one.
   *
   * @param buffered bytes of content that wait to be taken
   */
  isExcessive(content: number, buffered: number): boolean {
    this.#chunks += 1;
    this.#content += content;
    const beside = this.#read() - this.#from - this.#content - buffered;
    // each of the bytes that wait may have been a chunk
    return beside > EXTRA + IN_PARSER + (this.#chunks + buffered) * CHUNK;
  }
}
