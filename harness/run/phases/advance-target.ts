import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import type { Recorder } from '../../journal/recorder.ts';

/** Lets time pass in the target and writes down how much and what did not notice; gives back the ms that are left. */
export async function advanceTarget(
  { probe }: Pick<CaseLab, 'probe'>,
  recorder: Recorder,
  round: number,
  ms: number,
  within: number,
): Promise<number> {
  if (probe === undefined)
    throw new LastfinError('LASTFIN_LAB', 'time can be let pass only in a Node program');
  const { left, fired, notShifted } = await probe.advance(ms, within);
  recorder.write({ type: 'advanced', round, ms, left: Math.round(left), fired, notShifted });
  return left;
}
