import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { watchEndOfStream } from '../../../shared/http2/end-of-stream.ts';
import { otherLength, overLimit } from '../body-limit.ts';
import type { MessageError } from '../http-fault.ts';
import type { StreamRequest } from './check-head.ts';

/** Receiver of a request's body. */
export type BodyEvents = {
  /** called for each part, also for those that nobody reads */
  onContent(size: number): void;
  /** whether the rest is read by nobody: the request is answered, or its client is gone */
  isUnread(): boolean;
  /** whether the request has failed */
  hasFailed(): boolean;
  /** takes a part; false: the stream is paused until the upstream takes more */
  onPart(part: Buffer): boolean;
  onFault(error: MessageError): void;
  /** called when all of it has come */
  onWhole(trailers: readonly string[]): void;
};

/** Body of one stream's request, which must be as long as its head says. It waits until the upstream is there. */
export class StreamBody {
  #received = 0;
  #trailers: readonly string[] = [];
  #isWhole = false;

  constructor(
    stream: ServerHttp2Stream,
    { hasBody, length }: Pick<StreamRequest, 'hasBody' | 'length'>,
    maxBody: number,
    events: BodyEvents,
  ) {
    if (!hasBody) {
      this.#isWhole = true;
      stream.resume();
      return;
    }
    const hasEnded = watchEndOfStream(stream);
    stream.on('data', (part: Buffer) => {
      this.#received += part.length;
      events.onContent(part.length);
      if (events.hasFailed() || events.isUnread()) return;
      const excess = overLimit(this.#received, maxBody);
      if (excess !== undefined) return events.onFault(excess);
      if (this.#received > (length ?? Infinity)) return events.onFault(otherLength());
      if (!events.onPart(part)) stream.pause();
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      this.#trailers = Object.entries(trailers).flatMap(([name, value]) => [name, String(value)]);
    });
    stream.once('end', () => {
      if (!hasEnded() || events.hasFailed()) return;
      this.#isWhole = true;
      if (length !== undefined && this.#received !== length) return events.onFault(otherLength());
      events.onWhole(this.#trailers);
    });
    stream.pause();
  }

  /** Bytes that have come. */
  get received(): number {
    return this.#received;
  }

  /** Whether it has come whole. */
  get isWhole(): boolean {
    return this.#isWhole;
  }
}
