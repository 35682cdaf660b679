import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { CaseContext } from '../case-context.ts';

/** Time that passes before a table that grows is called a leak: windows of rate limits and lives of sessions are mostly shorter. ms */
const SPAN = 61 * 60_000;
/** Longest time in which it may pass. ms */
const WITHIN = 10_000;

/**
 * Lets an hour pass in a Node target between two rounds, so that tables which are emptied by time are. True if it has passed: another
 * program has no clock that can be advanced, some have too many timers, some forbid that their clock is replaced.
 */
export async function passAnHour(
  { lab, recorder }: Pick<CaseContext, 'lab' | 'recorder'>,
  { round }: { round: number },
): Promise<boolean> {
  if (lab.probe === undefined) return false;
  try {
    const { done, left, fired, notShifted } = await lab.probe.advance(SPAN, WITHIN, { late: true });
    recorder.write({ type: 'advanced', round, ms: SPAN, left: Math.round(left), fired, notShifted });
    return done;
  } catch (error) {
    if (error instanceof LastfinError && error.code === 'LASTFIN_PROBE') return false;
    throw error;
  }
}
