import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Most bytes of a file and of one line: a journal of the longest run is far below. */
const MOST_BYTES = 64 * 1024 * 1024;
const LONGEST_LINE = 8 * 1024 * 1024;

/**
 * Reads a regular file line by line, so that only lines that the caller keeps stay in memory. A final line end begins no further line.
 *
 * @throws {Error} with the reason in words, for anything but a regular file, and for a file beyond the limits
 */
export async function* readLines(file: string): AsyncGenerator<string> {
  // a pipe without a writer would block in open
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > MOST_BYTES) throw new Error(`it has ${stat.size} bytes; ${MOST_BYTES} is the limit`);
    let rest: Buffer[] = [];
    let length = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8');
        rest = [];
        length = 0;
        start = end + 1;
      }
      if (start === chunk.length) continue;
      rest.push(chunk.subarray(start));
      length += chunk.length - start;
      if (length > LONGEST_LINE)
        throw new Error(`a line has more than ${LONGEST_LINE} bytes, which is the limit`);
    }
    if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
  } finally {
    await handle.close();
  }
}
