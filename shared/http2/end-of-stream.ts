import type { Http2Stream } from 'node:http2';

/**
 * Watches for the END_STREAM of the peer. Node ends a stream that was reset, too, and one that was reset with NO_ERROR shows no
 * code: only an end that comes before the stream is closed was sent by the peer.
 *
 * @returns whether the peer has ended its side itself; complete by the event 'end'
 */
export function watchEndOfStream(stream: Http2Stream): () => boolean {
  let hasEnded = false;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !stream.closed) hasEnded = true;
    return push(chunk, encoding);
  };
  // a head that ends its stream may have come before
  return () => hasEnded || stream.endAfterHeaders;
}
