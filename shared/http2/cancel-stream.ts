import type { Http2Stream } from 'node:http2';

/**
 * Resets a stream. Node would end its body first, so that a message that is cut short would look whole, also by the frame of a write
 * that is under way; and it would keep the stream until all that has come is read.
 */
export function cancelStream(stream: Http2Stream, code: number): void {
  if (stream.destroyed || stream.closed) return;
  stream.end = () => stream;
  stream.close(code);
  stream.resume();
}
