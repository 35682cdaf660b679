/** Exit code of a run that a signal has ended. */
export const INTERRUPTED = 130;

/** Signals that a run takes as a wish to stop: Ctrl-C, a service manager's, and a terminal that is closed. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const onSignal = (): void => process.exit(INTERRUPTED);

/** Makes signals end the process with 130, until a command handles them itself: nothing has been started yet. */
export function exitOnSignals(): void {
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
}

/** Leaves the signals to the caller, a command that handles them from now on. */
export function takeOverSignals(): void {
  for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
}
