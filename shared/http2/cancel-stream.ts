import { constants, type Http2Stream } from 'node:http2';

import { isWriting } from './is-writing.ts';

/**
 * Resets a stream. Node would end its body first, so that a message that is cut short would look whole, also by the frame of a write
 * that is under way; and it would keep the stream until all that has come is read.
 */
export function cancelStream(stream: Http2Stream, code: number): void {
  if (stream.destroyed || stream.closed) return;
  stream.end = () => stream;
  stream.close(code);
  // a peer whose message is whole may reset the stream itself, without an error (RFC 9113, 8.1): Node would wait for the end that is kept from it
  stream.once('end', () => {
    // it may come within the read of the reset
    setImmediate(() => {
      const { session } = stream;
      // an ended session has no socket to be asked, and its streams go with it
      if (session === undefined || session.destroyed || !isForgotten(stream)) return;
      // under a write Node would leave the stream to the garbage collector (see destroy-safely.ts): then, too, it goes with its session
      if (!isWriting(session.socket)) stream.destroy();
    });
  });
  stream.resume();
}

/** Whether the session knows no such stream any more: its state is then that of one that has never been. */
function isForgotten({ state }: Http2Stream): boolean {
  return state.state === constants.NGHTTP2_STREAM_STATE_IDLE;
}
