import type { Entry } from '../../journal/entry.ts';
import { plainLine } from '../plain-text.ts';
import { countsOf, momentsOf, type Moment, outputOf } from './timed-entries.ts';

/** Event of the Trace Event Format, which Perfetto and chrome://tracing open; `ts` and `dur` in microseconds. */
export type TraceEvent = {
  name: string;
  ph: 'X' | 'i' | 'C' | 'M';
  ts: number;
  pid: number;
  tid: number;
  cat?: string;
  dur?: number;
  s?: 't';
  args?: Record<string, unknown>;
};

export type CaseInTrace = {
  id: string;
  /** number of the case's first process; it has three: client, target, upstream */
  pid: number;
  /** ms from the start of the run to that of the case */
  at: number;
  /** false: phases and faults only, without connections and counts */
  full: boolean;
};

/** Processes of a case in its trace. */
const PROCESSES = ['client', 'target', 'upstream'] as const;
/** Numbers between the first processes of two cases. */
export const PIDS: number = PROCESSES.length;

/** Characters of a line of output that name its mark; the whole line is among the details. */
const LONGEST_NAME = 100;

/** Threads of the target's process: its output, phases, then a thread for each fault that lasts beside others. */
const OUTPUT = 0;
const PHASES = 1;
const FAULTS = 2;
/** Connections of a round that have a number of their own in its threads. */
const EACH_ROUND = 1_000_000;

/**
 * Turns a case into events of a trace: a process a side, a thread a connection. Phases and faults are slices of the target, counts its counters; journals of
 * version 1 lack the moments of connections. Slices of one thread never overlap.
 */
export function traceEvents(journal: readonly Entry[], { id, pid, at, full }: CaseInTrace): TraceEvent[] {
  const end = journal.reduce((latest, { t }) => Math.max(latest, t), 0);
  const micro = (t: number): number => Math.round((at + t) * 1000);
  const events: TraceEvent[] = [];
  const names = new Map<string, TraceEvent>();
  const lane = (
    side: (typeof PROCESSES)[number],
    tid: number,
    name: string,
  ): { pid: number; tid: number } => {
    const process = pid + PROCESSES.indexOf(side);
    const meta = (what: string, args: Record<string, unknown>): TraceEvent => ({
      name: what,
      ph: 'M',
      ts: 0,
      pid: process,
      tid,
      args,
    });
    names.set(`${process}`, meta('process_name', { name: `${plainLine(id)} · ${side}` }));
    names.set(`${process} ${tid}`, meta('thread_name', { name }));
    return { pid: process, tid };
  };
  const slice = (
    name: string,
    cat: string,
    from: number,
    to: number,
    on: { pid: number; tid: number },
    args = {},
  ) =>
    void events.push({
      name: plainLine(name),
      cat,
      ph: 'X',
      ts: micro(from),
      dur: Math.max(0, micro(to) - micro(from)),
      ...on,
      args,
    });
  const mark = (name: string, cat: string, t: number, on: { pid: number; tid: number }, args = {}) =>
    void events.push({ name: plainLine(name), cat, ph: 'i', s: 't', ts: micro(t), ...on, args });
  const count = (name: string, t: number, args: Record<string, number>): void => {
    if (Object.keys(args).length === 0) return;
    events.push({ name, ph: 'C', ts: micro(t), ...lane('target', PHASES, 'phases'), args });
  };

  for (const { name, from, to } of phasesOf(journal, end))
    slice(name, 'phase', from, to, lane('target', PHASES, 'phases'));
  for (const { name, from, to, thread, args } of faultsOf(journal, end)) {
    const on = lane('target', FAULTS + thread, thread === 0 ? 'faults' : `faults (${thread + 1})`);
    if (to === undefined) mark(name, 'fault', from, on, args);
    else slice(name, 'fault', from, to, on, args);
  }
  for (const entry of full ? journal : []) {
    if (entry.type === 'connection') {
      const moments = momentsOf(entry);
      const [first, last] = [moments[0], moments.at(-1)];
      if (first === undefined || last === undefined) continue;
      const { actor, round, connection, seen, did, sent, received, failure } = entry;
      const on = lane(actor, round * EACH_ROUND + connection + 1, `connection ${connection}, round ${round}`);
      const ends = {
        seen,
        did,
        sent,
        received,
        ...(failure === undefined ? {} : { failure: failure.message }),
      };
      slice(`${did} · ${seen}`, 'connection', first.t, last.t, on, ends);
      for (const moment of moments) mark(momentName(moment), 'connection', moment.t, on);
    } else if (entry.type === 'sample') count('gauges', entry.t, entry.sample.gauges);
    else {
      const written = outputOf(entry);
      if (written !== undefined) {
        const text = plainLine(written.text);
        mark(
          text.slice(0, LONGEST_NAME) || '(empty line)',
          written.stream,
          entry.t,
          lane('target', OUTPUT, 'output'),
          {
            text,
          },
        );
      }
      for (const [name, value] of Object.entries(countsOf(entry) ?? {}))
        count(plainLine(name), entry.t, { [plainLine(name)]: value });
    }
  }
  return [...names.values(), ...events];
}

function momentName({ event, step, code }: Moment): string {
  // people count from 1, as the findings do
  return [event, ...(step === undefined ? [] : [step + 1]), ...(code === undefined ? [] : [code])].join(' ');
}

function phasesOf(journal: readonly Entry[], end: number): { name: string; from: number; to: number }[] {
  const begun = journal.filter((entry) => entry.type === 'phase');
  return begun.map(({ phase, round, t }, index) => ({
    name: round === 0 || phase === 'baseline' ? phase : `${phase} (round ${round})`,
    from: t,
    to: Math.max(t, begun[index + 1]?.t ?? end),
  }));
}

type FaultBand = { name: string; from: number; to?: number; thread: number; args: Record<string, unknown> };

/** Faults from when they were applied until they were healed, or the case ended; missed ones have no end. */
function faultsOf(journal: readonly Entry[], end: number): FaultBand[] {
  const bands: FaultBand[] = [];
  const open = new Map<string, FaultBand>();
  for (const entry of journal) {
    if (entry.type !== 'fault') continue;
    const { action, fault, fidelity, t } = entry;
    const key = JSON.stringify(fault);
    const band = open.get(key);
    if (action === 'healed') {
      if (band !== undefined) band.to = t;
      open.delete(key);
    } else if (band === undefined) {
      const used = new Set([...open.values()].map(({ thread }) => thread));
      const thread =
        Array.from({ length: used.size + 1 }, (_, index) => index).find((one) => !used.has(one)) ?? 0;
      const name = `${fault.kind}${'side' in fault ? ` ${fault.side}` : ''}`;
      const args = { fidelity, fault };
      const made: FaultBand = {
        name: action === 'missed' ? `${name} (missed)` : name,
        from: t,
        thread,
        args,
      };
      bands.push(made);
      if (action === 'applied') {
        made.to = end;
        open.set(key, made);
      }
    }
  }
  return bands;
}
