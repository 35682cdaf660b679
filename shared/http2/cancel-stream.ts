import type { Http2Stream } from 'node:http2';

/**
 * Resets a stream. Node would end its body first, so that an answer that is cut short would look whole, and would keep the stream until
 * all that has come is read.
 */
export function cancelStream(stream: Http2Stream, code: number): void {
  if (stream.destroyed || stream.closed) return;
  stream._final = (done) => done();
  stream.close(code);
  stream.resume();
}
