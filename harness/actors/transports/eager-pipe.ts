import type { Duplex } from 'node:stream';

import { TransportRefused } from './pipe.ts';
import { StreamOver } from './stream-over.ts';

/** Time (ms) for which the request waits for the first bytes of the script. */
const WAITS = 50;

/**
 * Client stream that sends its request for an upgrade or a tunnel in one write with the bytes after it, before the answer arrives.
 * Emits `seen` with the mistake in the answer, if any.
 */
export class EagerPipe extends StreamOver {
  readonly #timer: NodeJS.Timeout;
  #request: string;
  #answered = false;

  constructor(inner: Duplex, request: string, answer: Promise<void>) {
    super(inner);
    this.#request = request;
    this.#timer = setTimeout(() => inner.write(this.#takeRequest()), WAITS);
    answer.then(
      () => this.#onAnswer(),
      (error: unknown) => this.emit('seen', error instanceof TransportRefused ? error.seen : String(error)),
    );
  }

  #onAnswer(): void {
    this.#answered = true;
    this.begin();
    this.inner.resume();
  }

  #takeRequest(): Buffer {
    clearTimeout(this.#timer);
    const request = Buffer.from(this.#request, 'latin1');
    this.#request = '';
    return request;
  }

  override _read(): void {
    if (this.#answered) super._read();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.inner.write(Buffer.concat([this.#takeRequest(), chunk]), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.inner.write(this.#takeRequest());
    super._final(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    super._destroy(error, done);
  }
}
