import type { Socket } from 'node:net';

/** Writes a part of a chunked body, and tells whether more may be written. */
export function writeChunk(socket: Socket, chunk: Buffer): boolean {
  socket.cork();
  socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
  socket.write(chunk);
  const takesMore = socket.write('\r\n', 'latin1');
  socket.uncork();
  return takesMore;
}
