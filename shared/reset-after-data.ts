import { Socket } from 'node:net';

/** Node's handle of a connected socket. Private, and the only way to read again after an end of file. */
type Handle = { readStart(): number };

const [MAJOR = 0, MINOR = 0] = process.versions.uv.split('.').map(Number);
const IS_REPORTED_BY_NODE = MAJOR > 1 || MINOR >= 52;

/**
 * Makes `socket` report a reset that comes together with the last bytes as an error `ECONNRESET`. libuv before 1.52 (Node.js 20
 * and 22) reports it as the end of the stream: where a read that returns fewer bytes than there was room for comes with POLLHUP,
 * it takes the next one for an end of file and never asks (`uv__stream_io` in src/unix/stream.c). To an `allowHalfOpen` socket
 * that is the half-close of a peer that is gone.
 *
 * Before an end is passed on, the socket is read once more: the kernel says whether it was one. A write would tell, too, but also
 * fails after a true end where the peer has closed both directions. Has no effect on a socket that TLS has taken over.
 *
 * @example
 * import { createServer } from 'node:net';
 *
 * createServer({ allowHalfOpen: true }, (socket) => {
 *   reportResetAfterData(socket).on('error', ({ code }) => console.log(code));
 * });
 */
export function reportResetAfterData(socket: Socket): Socket {
  if (!IS_REPORTED_BY_NODE) socket.push = readOnceMore;
  return socket;
}

/** Shared by all sockets: a closure for each would cost every connection. */
function readOnceMore(this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
  const isEnd = chunk === null;
  // a second end confirms the first: the kernel has reported it
  if (isEnd) delete (this as Partial<Socket>).push;
  const { _handle: handle } = this as unknown as { _handle?: Handle | null };
  if (isEnd && handle?.readStart() === 0) return false;
  return Socket.prototype.push.call(this, chunk, encoding);
}
