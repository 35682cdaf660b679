import { readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { descriptorOf } from './descriptor-of.ts';

const [MAJOR = 0, MINOR = 0] = process.versions.uv.split('.').map(Number);
const IS_REPORTED_BY_NODE = MAJOR > 1 || MINOR >= 52;
const BYTE = Buffer.allocUnsafeSlow(1);
/** Descriptor of the socket that data was read from last: libuv asks for no reset only behind data that came in the same turn. */
let lastRead = -1;
const NOTHING = Buffer.alloc(0);

/**
 * Makes `socket` report a reset that comes together with the last bytes as an error `ECONNRESET`. libuv before 1.52 (Node.js 20
 * and 22) reports it as the end of the stream: where a read that returns fewer bytes than there was room for comes with POLLHUP,
 * it takes the next one for an end of file and never asks (`uv__stream_io` in src/unix/stream.c). To an `allowHalfOpen` socket
 * that is the half-close of a peer that is gone.
 *
 * Before an end is passed on, the socket is read once more: the kernel says whether it was one. A read by libuv would poll the socket
 * anew, five system calls in the place of one. A write would tell, too, but also fails after a true end where the peer has closed
 * both directions. Has no effect on a socket that TLS has taken over, whose owner asks {@link errorBehindEnd}.
 *
 * @example
 * import { createServer } from 'node:net';
 *
 * createServer({ allowHalfOpen: true }, (socket) => {
 *   reportResetAfterData(socket).on('error', ({ code }) => console.log(code));
 * });
 */
export function reportResetAfterData(socket: Socket): Socket {
  if (!IS_REPORTED_BY_NODE) socket.push = askBehindEnd;
  return socket;
}

/**
 * The same, two system calls cheaper for most connections: the kernel is asked only behind data of the same turn of the loop. All data must be
 * known: that of 'data' events is, and whoever reads by `onread` calls {@link noteData}. A parser or HTTP/2 session that has taken the
 * socket's handle tells nobody.
 */
export function reportResetAfterNotedData(socket: Socket): Socket {
  if (!IS_REPORTED_BY_NODE) socket.push = askBehindData;
  return socket;
}

// shared by all sockets: a closure for each would cost every connection
function askBehindEnd(this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk === null) return pushEnd(this, errorBehindEnd(this));
  return Socket.prototype.push.call(this, chunk, encoding);
}

function askBehindData(this: Socket, chunk: unknown, encoding?: BufferEncoding): boolean {
  // once data of another socket was read, libuv has gone on from this one and was told of its end by the kernel
  if (chunk === null)
    return pushEnd(this, descriptorOf(this) === lastRead ? errorBehindEnd(this) : undefined);
  noteData(this);
  return Socket.prototype.push.call(this, chunk, encoding);
}

function pushEnd(socket: Socket, error: Error | undefined): boolean {
  // not deleted: V8 makes a slow dictionary of an object that loses a property
  // oxlint-disable-next-line typescript/unbound-method -- it is a method again
  socket.push = Socket.prototype.push;
  if (error === undefined) return Socket.prototype.push.call(socket, null);
  socket.destroy(error);
  return false;
}

/** Notes that data was read from a socket: what ends it in the same turn of the loop may be a reset. */
export function noteData(socket: Socket): void {
  if (!IS_REPORTED_BY_NODE) lastRead = descriptorOf(socket);
}

/** Reads a socket that has ended once more: undefined if it was an end, also where there is nothing to read yet. */
export function errorBehindEnd(socket: Duplex): Error | undefined {
  return askKernel(socket, readOne);
}

/**
 * Asks the kernel, by a write of no bytes, whether the peer has reset a connection on which our FIN has not been sent. Node reads no HTTP/2
 * while it writes, and over TLS, up to its version 24, the failure of such a write may be told to nobody: it stays under way for ever, and the
 * reset is never read.
 *
 * @returns the error of the write; undefined if the connection is open
 */
export function lossBehind(socket: Duplex): Error | undefined {
  return askKernel(socket, writeNone);
}

function askKernel(socket: Duplex, call: (fd: number) => Error | undefined): Error | undefined {
  const fd = descriptorOf(socket);
  if (fd < 0) return undefined;
  try {
    return call(fd);
  } catch (error) {
    // nothing to read yet, or no room to write: no reset
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? undefined : (error as Error);
  }
}

function readOne(fd: number): Error | undefined {
  return readSync(fd, BYTE, 0, 1, null) === 0 ? undefined : new Error('a byte came after the end of file');
}

function writeNone(fd: number): undefined {
  writeSync(fd, NOTHING);
}
