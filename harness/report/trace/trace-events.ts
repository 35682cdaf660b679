import type { ConnectionEvent, Entry } from '../../journal/entry.ts';
import { plainLine } from '../plain-text.ts';
import { figuresOf, momentsOf } from './timed-entries.ts';

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

/** Process and thread of an event. */
type Lane = { pid: number; tid: number };

/** Events of one case, in the order in which they are added, and the names of its processes and threads. */
class TraceOfCase {
  readonly #events: TraceEvent[] = [];
  readonly #names = new Map<string, TraceEvent>();
  readonly #case: CaseInTrace;

  constructor(inTrace: CaseInTrace) {
    this.#case = inTrace;
  }

  get events(): TraceEvent[] {
    return [...this.#names.values(), ...this.#events];
  }

  lane(side: (typeof PROCESSES)[number], tid: number, name: string): Lane {
    const pid = this.#case.pid + PROCESSES.indexOf(side);
    const meta = (what: string, args: Record<string, unknown>): TraceEvent => ({
      name: what,
      ph: 'M',
      ts: 0,
      pid,
      tid,
      args,
    });
    this.#names.set(`${pid}`, meta('process_name', { name: `${plainLine(this.#case.id)} · ${side}` }));
    this.#names.set(`${pid} ${tid}`, meta('thread_name', { name }));
    return { pid, tid };
  }

  slice(name: string, cat: string, span: { from: number; to: number }, on: Lane, args = {}): void {
    const [ts, end] = [this.#micro(span.from), this.#micro(span.to)];
    this.#events.push({ name: plainLine(name), cat, ph: 'X', ts, dur: Math.max(0, end - ts), ...on, args });
  }

  mark(name: string, cat: string, t: number, on: Lane, args = {}): void {
    this.#events.push({ name: plainLine(name), cat, ph: 'i', s: 't', ts: this.#micro(t), ...on, args });
  }

  count(name: string, t: number, args: Record<string, number>): void {
    if (Object.keys(args).length === 0) return;
    const on = this.lane('target', PHASES, 'phases');
    this.#events.push({ name, ph: 'C', ts: this.#micro(t), ...on, args });
  }

  #micro(t: number): number {
    return Math.round((this.#case.at + t) * 1000);
  }
}

/**
 * Turns a case into events of a trace: a process a side, a thread a connection. Phases and faults are slices of the target, counts its counters; journals of
 * version 1 lack the moments of connections. Slices of one thread never overlap.
 */
export function traceEvents(journal: readonly Entry[], inTrace: CaseInTrace): TraceEvent[] {
  const end = journal.reduce((latest, { t }) => Math.max(latest, t), 0);
  const trace = new TraceOfCase(inTrace);
  for (const { name, ...span } of phasesOf(journal, end))
    trace.slice(name, 'phase', span, trace.lane('target', PHASES, 'phases'));
  for (const { name, from, to, thread, args } of faultsOf(journal, end)) {
    const on = trace.lane('target', FAULTS + thread, thread === 0 ? 'faults' : `faults (${thread + 1})`);
    if (to === undefined) trace.mark(name, 'fault', from, on, args);
    else trace.slice(name, 'fault', { from, to }, on, args);
  }
  for (const entry of inTrace.full ? journal : []) {
    if (entry.type === 'connection') addConnection(trace, entry);
    else if (entry.type === 'sample') trace.count('gauges', entry.t, entry.sample.gauges);
    else if (entry.type === 'output') addOutput(trace, entry);
    else if (entry.type === 'counts')
      for (const [name, value] of Object.entries(figuresOf(entry)))
        trace.count(plainLine(name), entry.t, { [plainLine(name)]: value });
  }
  return trace.events;
}

function addConnection(trace: TraceOfCase, entry: Extract<Entry, { type: 'connection' }>): void {
  const moments = momentsOf(entry);
  const [first, last] = [moments[0], moments.at(-1)];
  if (first === undefined || last === undefined) return;
  const { actor, round, connection, seen, did, sent, received, failure } = entry;
  const on = trace.lane(
    actor,
    round * EACH_ROUND + connection + 1,
    `connection ${connection}, round ${round}`,
  );
  const ends = { seen, did, sent, received, ...(failure === undefined ? {} : { failure: failure.message }) };
  trace.slice(`${did} · ${seen}`, 'connection', { from: first.t, to: last.t }, on, ends);
  for (const moment of moments) trace.mark(momentName(moment), 'connection', moment.t, on);
}

function addOutput(trace: TraceOfCase, { t, stream, text }: Extract<Entry, { type: 'output' }>): void {
  const line = plainLine(text);
  const name = line.slice(0, LONGEST_NAME) || '(empty line)';
  trace.mark(name, stream, t, trace.lane('target', OUTPUT, 'output'), { text: line });
}

function momentName({ event, step, code }: ConnectionEvent): string {
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
