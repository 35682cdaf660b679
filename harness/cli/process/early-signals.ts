/** Exit code of a run that a signal has ended. */
export const INTERRUPTED = 130;

/** Signals that a run takes as a wish to stop: Ctrl-C, a service manager's, and a terminal that is closed. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const onSignal = (): void => process.exit(INTERRUPTED);

/** Until a command listens by itself, a signal ends the process with 130: nothing has been started yet. */
export function exitOnSignals(): void {
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
}

/** To be called by a command that listens to them from now on. */
export function takeOverSignals(): void {
  for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
}
