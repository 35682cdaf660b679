import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { CaseContext } from '../case-context.ts';

/** Advances the target's clock by `ms` within `within` ms of real time, for the journal too; resolves with the ms not yet advanced. */
export async function advanceTarget(
  { lab, recorder }: Pick<CaseContext, 'lab' | 'recorder'>,
  { round, ms, within }: { round: number; ms: number; within: number },
): Promise<number> {
  if (lab.probe === undefined)
    throw new LastfinError('LASTFIN_LAB', 'time can be let pass only in a Node program');
  const { left, fired, notShifted } = await lab.probe.advance(ms, within);
  recorder.write({ type: 'advanced', round, ms, left: Math.round(left), fired, notShifted });
  return left;
}
