import type { Http2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { cancelStream } from '../../../shared/http2/cancel-stream.ts';

/** Side of a WebSocket: a socket after an upgrade, or a stream of HTTP/2. */
export type Tunnel = {
  stream: Duplex;
  /** bytes that came with the handshake */
  early: Buffer;
  /** whether the end that was read is the peer's own: Node ends a stream that was reset, too */
  hasEnded: () => boolean;
  /** Ends it at once, so that it does not look like a graceful end. */
  cut(): void;
};

export function socketTunnel(stream: Socket, early: Buffer): Tunnel {
  return { stream, early, hasEnded: () => true, cut: () => void stream.destroy() };
}

/** @param hasEnded whether the peer has sent END_STREAM */
export function streamTunnel(stream: Http2Stream, hasEnded: () => boolean): Tunnel {
  // RFC 8441, 5: what a RST is to a socket
  const cut = (): void => cancelStream(stream, constants.NGHTTP2_CANCEL);
  return { stream, early: Buffer.alloc(0), hasEnded, cut };
}

/**
 * Passes bytes both ways between the sides of a WebSocket. A side that ends ends the other one's half, so that bytes before it arrive; one
 * that is gone otherwise cuts the other.
 */
export function joinTunnels(one: Tunnel, other: Tunnel): void {
  passOn(one, other);
  passOn(other, one);
}

/** Whether both directions of a side have ended as they should. */
export function isSound({ stream, hasEnded }: Tunnel): boolean {
  return stream.readableEnded && hasEnded() && stream.writableFinished && stream.errored === null;
}

function passOn(from: Tunnel, to: Tunnel): void {
  const { stream } = from;
  if (from.early.length > 0) to.stream.write(from.early);
  stream.pipe(to.stream, { end: false });
  stream.on('error', () => to.cut());
  const onEnd = (): void => {
    if (from.hasEnded()) to.stream.end();
  };
  // a client may have ended before its answer
  if (stream.readableEnded) onEnd();
  else stream.once('end', onEnd);
  // a reset that comes while its bytes are held back: 'close' would wait until they are read
  stream.once('aborted', () => to.cut());
  stream.once('close', () => {
    if (!isSound(from)) to.cut();
  });
}
