import { Duplex } from 'node:stream';

/**
 * Stream over another, whose bytes, ends and errors it passes on. Bytes that have come stay there to be read after the other has closed:
 * a script that reads late would take them for bytes that the program has lost.
 */
export class StreamOver<Inner extends Duplex = Duplex> extends Duplex {
  protected readonly inner: Inner;

  constructor(inner: Inner) {
    super({ allowHalfOpen: true });
    this.inner = inner;
    inner.on('error', (error) => this.destroy(error));
    inner.once('close', () => {
      if (inner.readableEnded && !this.readableEnded) this.once('end', () => this.destroy());
      else this.destroy();
    });
  }

  /** Begins to read from the stream below. */
  protected begin(receive: (chunk: Buffer) => void = (chunk) => this.pass(chunk)): void {
    this.inner.on('data', receive);
    this.inner.once('end', () => this.push(null));
  }

  /** Gives bytes to the reader, and holds the stream below back where he has enough. */
  protected pass(chunk: Buffer): void {
    if (!this.push(chunk)) this.inner.pause();
  }

  override _read(): void {
    this.inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.inner.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.inner.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.inner.destroy();
    done(error);
  }
}
