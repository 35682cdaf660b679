import type { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { unwritable } from '../../report/files/unwritable.ts';
import { fail } from '../fail.ts';

/**
 * Keeps a broken stdout or stderr from ending the process in mid-run. A reader that has gone (`| head`) is nobody's mistake: the
 * command goes on unheard, and its exit code stands. Output that the system refuses, as on a full disk, makes the exit code 3.
 */
export function guardOutput(): void {
  let failure: LastfinError | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isGone(error)) failure ??= unwritable('the output', error);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!isGone(error)) failure ??= unwritable('the output', error);
  });
  // a write that fails may be told of only after the command has ended
  process.on('exit', () => {
    if (failure !== undefined) process.exitCode = fail(failure);
  });
}

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED';
}
