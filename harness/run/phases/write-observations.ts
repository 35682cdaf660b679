import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Report } from '../../probe/protocol.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { growing } from '../growth/growth.ts';
import { stateInWords } from '../process-state.ts';
import type { Recorder } from '../../journal/recorder.ts';
import type { Settled } from './settle.ts';

/** Writes what both actors saw of each connection of these rounds. */
export function noteConnections(
  lab: Pick<CaseLab, 'client' | 'upstream'>,
  recorder: Recorder,
  rounds: number[],
): void {
  for (const round of rounds) {
    for (const connection of [...lab.client.ofRound(round), ...lab.upstream.ofRound(round)]) {
      recorder.write({ type: 'connection', ...connection.describe() });
    }
  }
}

export function noteSettled(
  lab: Pick<CaseLab, 'positions'>,
  recorder: Recorder,
  at: 'settled' | 'confirmed' | 'released',
  round: number,
  { sample, report }: Settled,
): void {
  recorder.write({ type: 'sample', at, round, sample });
  recorder.write({ type: 'report', at, round, report: lab.positions.report(report) });
  // told once, however often it is looked
  for (const what of at === 'released' ? [] : (report.blind ?? [])) recorder.write({ type: 'blind', what });
}

/** Says what grew and may be a leak or not, where the rounds that tell could not be run. */
export function noteUnknown(recorder: Recorder, report: Report, why: string): void {
  const kinds = [...new Set(growing(report).map(({ resource }) => resource))];
  if (kinds.length === 0) return;
  const what = `whether what grew is a leak (${kinds.join(', ')}): ${why}, so no more rounds were run`;
  recorder.write({ type: 'blind', what });
}

/** Says that the target lives and cannot be looked at, with what its connections have seen so far. */
export function noteObstruction(
  recorder: Recorder,
  lab: Pick<CaseLab, 'client' | 'upstream' | 'target'>,
  error: LastfinError,
): void {
  recorder.write({
    type: 'obstruction',
    what: error.message,
    // a request that was not answered, not a connection that was broken
    detail: 'request' in error.facts ? stateInWords(lab.target.pid) : '',
  });
  noteConnections(lab, recorder, [1]);
}

export function noteLabError(recorder: Recorder, error: unknown): void {
  const code = error instanceof LastfinError ? error.code : 'LASTFIN_LAB';
  // an error of ours says enough in words; for a defect the stack is what helps
  const message = error instanceof LastfinError ? error.message : String((error as Error).stack ?? error);
  recorder.write({ type: 'lab-error', code, message });
}
