import type { ClientHttp2Session, Http2Session, Http2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { isWriting } from './is-writing.ts';

/**
 * Moves each end of a session, also those that Node decides, to a moment in which it cannot abort the process:
 *
 * - Never among the events of a read: up to its version 1.68, nghttp2 aborts if a frame of a wrong size follows (CVE-2026-27135).
 * - Never under a stream that may write, also within its end: Node leaves a stream whose write is under way to the garbage collector, and if
 *   its peer has sent a part of a head, collecting the session is a failed assertion (`~Http2Session`, current_nghttp2_memory_; Node 20
 *   to 26). A peer that reads nothing can bring that about at will. The socket goes first then, and the session with its `close`.
 *
 * Streams must be cancelled (`close`), not destroyed. Called before the first stream.
 *
 * @param socket stream under the session
 */
export function destroySafely(session: Http2Session, socket: Duplex): void {
  const destroy = session.destroy.bind(session);
  const mayWrite = followStreams(session);
  // `socket.closed` comes before the ends of its writes
  let hasClosed = false;
  // its listener comes before Node's own, which knows no error
  const onClose = (listener: () => void): void => void session.socket.prependOnceListener('close', listener);
  onClose(() => (hasClosed = true));
  session.destroy = (error, code) => {
    const end = (): void => destroy(error, code);
    if (session.destroyed || hasClosed) return end();
    if (socket.destroyed) return onClose(end);
    setImmediate(() => {
      if (session.destroyed || hasClosed) return end();
      if (!socket.destroyed && !isWriting(socket) && !mayWrite()) return end();
      onClose(end);
      socket.destroy();
    });
  };
}

/** Counts the streams of a session. @returns whether one is open */
function followStreams(session: Http2Session): () => boolean {
  let open = 0;
  const follow = (stream: Http2Stream): void => {
    open += 1;
    stream.once('close', () => (open -= 1));
  };
  session.on('stream', follow);
  if ('request' in session) {
    const client = session as ClientHttp2Session;
    const request = client.request.bind(client);
    client.request = (...given) => {
      const stream = request(...given);
      follow(stream);
      return stream;
    };
  }
  return () => open > 0;
}
