import type { ProxyLogger } from './logger.ts';

/** Runs one step of a clean-up and tells whether it succeeded; a failure never stops the steps after it. */
export type RunStep = (id: string, step: string, run: () => void) => boolean;

/**
 * Creates the guard for clean-up steps. A failed step is logged; if the logger fails too, it becomes a process warning on
 * stderr, so that no failure is silent.
 */
export function guardSteps(logger: ProxyLogger): RunStep {
  return (id, step, run) => {
    try {
      run();
      return true;
    } catch (error) {
      try {
        logger.error({ event: 'cleanup_step_failed', id, step, err: error }, `clean-up step failed: ${step}`);
      } catch (loggerError) {
        process.emitWarning(
          `connection ${id}: ${step} failed: ${String(error)}; log: ${String(loggerError)}`,
          {
            code: 'LASTFIN_CLEANUP_STEP',
          },
        );
      }
      return false;
    }
  };
}
