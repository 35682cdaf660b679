import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** Most bytes of a file: people do not write larger ones. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Reads a regular file as UTF-8, without its byte order mark. A pipe, a device or a socket could block the reader or never end, and
 * is refused.
 *
 * @throws {Error} with the reason in words; `code` is the system's if the system refuses
 * @example
 * readTextFile('proxy.yaml'); // 'listeners: …'
 */
export function readTextFile(file: string, { most = MOST_BYTES } = {}): string {
  // a pipe without a writer would block in open
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error(`it is ${kindOf(stat)}, not a file`);
    if (stat.size > most) throw new Error(`it has ${stat.size} bytes; ${most} is the limit`);
    const chunks: Buffer[] = [];
    // files of /proc have no size before they are read
    for (let length = 0; length <= most;) {
      const chunk = Buffer.allocUnsafe(Math.min(most + 1, Math.max(4096, stat.size + 1)));
      const read = readSync(descriptor, chunk);
      if (read === 0)
        return Buffer.concat(chunks)
          .toString('utf8')
          .replace(/^\uFEFF/, '');
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    throw new Error(`it has more than ${most} bytes, which is the limit`);
  } finally {
    closeSync(descriptor);
  }
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a named pipe';
  if (stat.isSocket()) return 'a socket';
  return stat.isCharacterDevice() || stat.isBlockDevice() ? 'a device' : 'something else';
}
