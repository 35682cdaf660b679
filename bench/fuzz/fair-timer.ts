import { Stopwatch } from '../../shared/testing/stopwatch.ts';

/**
 * Calls `passed` once `ms` have passed, without the time for which the machine gave this process or one of `pids` no processor: a fuzzer
 * that runs beside other work must not take a starved reader for one that hangs.
 *
 * @returns a function that takes it back
 */
export function fairTimer(ms: number, pids: readonly number[], passed: () => void): () => void {
  const watch = new Stopwatch([process.pid, ...pids]);
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const remaining = ms - watch.fair;
    if (remaining <= 0) passed();
    else timer = setTimeout(look, Math.ceil(remaining)).unref();
  };
  timer = setTimeout(look, ms).unref();
  return () => clearTimeout(timer);
}
