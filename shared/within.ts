import { LastfinError } from './errors/lastfin-error.ts';

/**
 * Waits for a promise, but no longer than `ms` and only while `signal` is not aborted.
 * Rejects with `LASTFIN_LAB` that names `what`, or with the signal's reason; leaves no timer and no listener behind.
 */
export async function within<T>(
  ms: number,
  what: string,
  promise: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new LastfinError('LASTFIN_LAB', `${what} took longer than ${ms} ms`, { facts: { what, ms } }));
    }, ms);
    onAbort = () => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal?.removeEventListener('abort', onAbort);
  }
}
