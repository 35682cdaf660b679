import type { ProxyLogger } from '../observe/logger.ts';

/** Runs one step of a clean-up; the steps after it run whatever happens. Tells whether it went well. */
export type RunStep = (id: string, step: string, run: () => void) => boolean;

/**
 * Makes the guard around clean-up steps. A failed step is logged; where even the logger fails, it becomes a process
 * warning on stderr, so that no failure is silent.
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
