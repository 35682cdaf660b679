import type { Duplex } from 'node:stream';

/** Whether bytes wait for the kernel or the peer: Node writes those of an HTTP/2 session beside the stream. */
export function isWriting(socket: Duplex): boolean {
  const { _handle: handle } = socket as Duplex & { _handle?: { writeQueueSize?: number } | null };
  return socket.writableLength > 0 || (handle?.writeQueueSize ?? 0) > 0;
}
