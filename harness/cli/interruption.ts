import { LastfinError } from '../../errors/lastfin-error.ts';

export type Interruption = { signal: AbortSignal; dispose: () => void };

/**
 * Turns Ctrl-C and SIGTERM into an abort, once: what is under way is taken down in order and the reports of the finished
 * cases are written. A second Ctrl-C leaves at once with 130; the targets and Toxiproxy end with this process.
 */
export function interruptible(): Interruption {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(
      new LastfinError('LASTFIN_INTERRUPTED', `interrupted by ${signal}`, { facts: { signal } }),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
