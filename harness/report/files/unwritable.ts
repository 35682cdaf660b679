import { LastfinError } from '../../../shared/errors/lastfin-error.ts';

const REASONS: Record<string, string> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a file stands where a folder is needed',
  EEXIST: 'a file stands where a folder is needed',
  EISDIR: 'a folder stands where a file is needed',
};

/** Error for output that the system refused, with the reason in words: `LASTFIN_OUTPUT`. */
export function unwritable(what: string, cause: unknown): LastfinError {
  if (cause instanceof LastfinError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const words = REASONS[code ?? ''];
  const why =
    words === undefined ? (cause instanceof Error ? cause.message : String(cause)) : `${words} (${code})`;
  return new LastfinError('LASTFIN_OUTPUT', `${what} cannot be written: ${why}`, {
    facts: { what, ...(code === undefined ? {} : { code }) },
    cause,
  });
}
