import { writeSync } from 'node:fs';
import type { Duplex } from 'node:stream';

const NOTHING = Buffer.alloc(0);

/**
 * Asks the kernel, by a write of no bytes, whether the peer has reset a connection on which our FIN has not been sent. Node reads no HTTP/2 while it writes, and over TLS, up to its
 * version 24, the failure of such a write may be told to nobody: it stays under way for ever, and the reset is never read.
 *
 * @returns the error of the write; undefined if the connection is open
 */
export function lossBehind(socket: Duplex): Error | undefined {
  const { fd = -1 } = (socket as Duplex & { _handle?: { fd?: number } | null })._handle ?? {};
  if (fd < 0) return undefined;
  try {
    writeSync(fd, NOTHING);
    return undefined;
  } catch (error) {
    // nothing has room to be written, and the connection is open
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? undefined : (error as Error);
  }
}
