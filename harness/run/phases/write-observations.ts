import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Report } from '../../probe/protocol.ts';
import type { CaseContext } from '../case-context.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { growing } from '../growth/growth.ts';
import { stateInWords } from '../process-state.ts';
import type { Recorder } from '../../journal/recorder.ts';
import type { Settled } from './settle.ts';

/** The part of a case's context from which observations are written. */
type WritingContext<Part extends keyof CaseLab> = Pick<CaseContext, 'recorder'> & {
  lab: Pick<CaseLab, Part>;
};

/** Writes what both actors saw of each connection of these rounds, with its timeline so far. */
export function noteConnections(
  { lab, recorder }: WritingContext<'client' | 'upstream'>,
  rounds: number[],
): void {
  for (const round of rounds) {
    for (const connection of [...lab.client.ofRound(round), ...lab.upstream.ofRound(round)]) {
      const events = recorder.series ? connection.timeline?.since(recorder.start) : undefined;
      const seen = connection.describe();
      recorder.write({ type: 'connection', ...seen, ...(events === undefined ? {} : { events }) });
    }
  }
}

/** Writes the sample and the report of a target that has settled, or has not in time. */
export function noteSettled(
  { lab, recorder }: WritingContext<'positions'>,
  {
    at,
    round,
    settled: { sample, report },
  }: { at: 'settled' | 'confirmed' | 'released'; round: number; settled: Settled },
): void {
  recorder.write({ type: 'sample', at, round, sample });
  recorder.write({ type: 'report', at, round, report: lab.positions.report(report) });
  // blind spots are written once: after the release they are the same
  for (const what of at === 'released' ? [] : (report.blind ?? [])) recorder.write({ type: 'blind', what });
}

/** Notes growth that may be a leak or not, because the rounds that tell could not be run. */
export function noteUnknown(
  { recorder }: Pick<CaseContext, 'recorder'>,
  { report, why }: { report: Report; why: string },
): void {
  const kinds = [...new Set(growing(report).map(({ resource }) => resource))];
  if (kinds.length === 0) return;
  const what = `whether what grew is a leak (${kinds.join(', ')}): ${why}, so no more rounds were run`;
  recorder.write({ type: 'blind', what });
}

/** Notes that the target lives and cannot be looked at, with what its connections have seen so far. */
export function noteObstruction(
  context: WritingContext<'client' | 'upstream' | 'target'>,
  error: LastfinError,
): void {
  const { lab, recorder } = context;
  recorder.write({
    type: 'obstruction',
    what: error.message,
    // only for a request that was not answered: a broken connection has no state to tell
    detail: 'request' in error.facts ? stateInWords(lab.target.pid) : '',
  });
  noteConnections(context, [1]);
}

/** Writes an error of the lab: it ends the case without a verdict on the target. */
export function noteLabError(recorder: Recorder, error: unknown): void {
  const code = error instanceof LastfinError ? error.code : 'LASTFIN_LAB';
  // a LastfinError says enough in words; for a defect the stack is what helps
  const message = error instanceof LastfinError ? error.message : String((error as Error).stack ?? error);
  recorder.write({ type: 'lab-error', code, message });
}
