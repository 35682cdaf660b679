import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { INTERRUPTED, STOP_SIGNALS, takeOverSignals } from './early-signals.ts';

export type Interruption = { signal: AbortSignal; dispose: () => void };

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into an abort, once: cases under way are taken down in order and the reports of the finished
 * cases are written. A second Ctrl-C leaves at once with 130; the targets and Toxiproxy end with this process.
 */
export function interruptible(): Interruption {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort(
      new LastfinError('LASTFIN_INTERRUPTED', `interrupted by ${signal}`, { facts: { signal } }),
    );
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  takeOverSignals();
  return {
    signal: controller.signal,
    dispose: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
    },
  };
}
