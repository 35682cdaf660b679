import type { Entry } from '../../../journal/entry.ts';
import { faultsOf, type FaultBand } from './faults.ts';
import { type Lane, lanesOf } from './lanes.ts';
import { phasesOf, type PhaseSpan } from './phases.ts';
import { type Chart, chartsOf } from './series.ts';

/** A journal in the form that is drawn. Times are ms since the case began. */
export type TimelineModel = {
  end: number;
  phases: PhaseSpan[];
  faults: FaultBand[];
  lanes: Lane[];
  charts: Chart[];
  /** time in which things happen: from the baseline to a little after the last event of the judged round */
  action: [number, number];
  /** the judged round, up to the look at what is left */
  round: [number, number];
  /** whether the connections have times */
  timed: boolean;
};

/** Reads a journal for drawing; older ones, whose connections have no times, too. */
export function timelineOf(entries: readonly Entry[]): TimelineModel {
  const end = Math.max(1, ...entries.map(({ t }) => t), ...entries.flatMap(lastEvent));
  const phases = phasesOf(entries, end);
  const faults = faultsOf(entries, end);
  const lanes = lanesOf(entries, phases);
  const from = phases.find(({ phase }) => phase === 'steady')?.from ?? 0;
  const settled = phases.find(({ phase, round }) => phase === 'settle' && round === 1);
  const to = settled?.to ?? end;
  const moments = [
    ...faults.filter(({ from: at }) => at >= from && at <= to).flatMap((fault) => [fault.from, fault.to]),
    ...lanes
      .filter(({ round }) => round === 1)
      .flatMap(({ bars }) => bars.flatMap((bar) => bar.marks.map(({ t }) => t))),
  ].filter((t) => t >= from && t <= to);
  const last = Math.max(settled?.from ?? from, ...moments);
  const margin = Math.max(5, (last - from) * 0.15);
  const timed = lanes.some(({ bars }) => bars.some(({ timed: has }) => has));
  return {
    end,
    phases,
    faults,
    lanes,
    charts: chartsOf(entries),
    action: [Math.max(0, from - margin / 3), timed ? Math.min(end, last + margin) : to],
    round: [Math.max(0, from - 1), to],
    timed,
  };
}

function lastEvent(entry: Entry): number[] {
  return entry.type === 'connection' && 'events' in entry ? (entry.events ?? []).map(({ t }) => t) : [];
}
