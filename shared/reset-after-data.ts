import { Socket } from 'node:net';

/**
 * Makes `socket` report a reset that comes together with the last bytes as an error `ECONNRESET`. libuv before 1.52 (Node.js 20
 * and 22) reports it as the end of the stream: where a read that returns fewer bytes than there was room for comes with POLLHUP,
 * it takes the next one for an end of file and never asks (`uv__stream_io` in src/unix/stream.c). To an `allowHalfOpen` socket
 * that is the half-close of a peer that is gone.
 *
 * Before an end is passed on, zero bytes are written: on a socket that was reset that fails with its error. Not where our own
 * side has ended, which cannot be asked, or still has bytes to write, which learn of the reset themselves.
 *
 * @example
 * createServer({ allowHalfOpen: true }, (socket) => {
 *   reportResetAfterData(socket).on('error', ({ code }) => console.log(code));
 * });
 */
export function reportResetAfterData<T extends Socket>(socket: T): T {
  if (!isReportedByNode()) socket.push = push;
  return socket;
}

function isReportedByNode(): boolean {
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number);
  return major > 1 || minor >= 52;
}

/** One function for all sockets: a closure for each would be paid by every connection. */
function push(this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
  const pass = (): boolean => Socket.prototype.push.call(this, chunk, encoding);
  if (chunk !== null || !this.writable || this.writableLength > 0) return pass();
  this.write('', (error) => {
    if (error) return;
    pass();
    // a paused stream without bytes ends only when it is asked
    this.read(0);
  });
  return false;
}
