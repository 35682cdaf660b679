import type { ConnectionSeen, EndLine, Entry, Observation, Phase } from '../journal/entry.ts';
import type { Position, Report, Sample, SocketLife } from '../probe/protocol.ts';
import type { Case } from '../scenario/case.ts';
import type { Fault } from '../scenario/fault.ts';
import type { Fidelity } from '../scenario/trigger.ts';

type Of<T extends Observation['type']> = Extract<Observation, { type: T }>;

/** Sample with its place in the journal, so that entries before and after it can be told apart. */
export type SampleAt = { at: Of<'sample'>['at']; sample: Sample; index: number };

/** End line with its place in the journal. */
export type EndLineAt = { line: EndLine; index: number };

/** Entries of a journal by kind: the input of every rule of the judge. */
export type Evidence = {
  head: Of<'case'>;
  case: Case;
  samples: SampleAt[];
  baseline?: SampleAt;
  /** samples of the steps `look`, in order */
  looks: SampleAt[];
  settled?: SampleAt;
  confirmed?: SampleAt;
  released?: SampleAt;
  stopping?: SampleAt;
  reports: { settled?: Report; confirmed?: Report; released?: Report };
  /** connections of all rounds, including the warm-up */
  connections: ConnectionSeen[];
  /** reports after each of the larger rounds */
  enlarged: { round: number; connections: number; report: Report }[];
  /** memory (KiB) after each of the larger rounds that look for a slope */
  memory: Omit<Of<'memory'>, 'type' | 'round'>[];
  endLines: EndLineAt[];
  /** drain of the judged round */
  drain?: Of<'drain'>;
  /** applied faults with their fidelity, and the best fidelity possible */
  faults: { fault: Fault; fidelity: Fidelity; best: Fidelity }[];
  /** faults of the judged round that were never applied, since the target failed the connections before */
  missed: Fault[];
  recovery?: Of<'recovery'>;
  load?: Of<'load'>;
  /** lines that inserted into a growing collection or emitter, by fingerprint */
  explained: Map<string, Position[]>;
  /** time that passed in the judged round */
  advanced: Of<'advanced'>[];
  /** how the target's sockets lived, as a run to explain the case saw it */
  lives: SocketLife[];
  exit?: Of<'exit'>;
  skipped?: Of<'skipped'>;
  /** number of rounds that repeated the judged one */
  confirmingRounds: number;
  /** things that could not be seen */
  blind: string[];
  /** ways in which the target kept the harness from looking at it */
  obstructions: (Omit<Of<'obstruction'>, 'type'> & { phase?: Evidence['phase'] })[];
  /** reason why bytes are not judged: the target is no transparent pipe */
  opaque?: string;
  labErrors: Of<'lab-error'>[];
  /** index in the journal of the first additional round; Infinity if there is none */
  moreRoundsAt: number;
  /** last phase that began before the target exited, or before the journal ends */
  phase?: { phase: Phase; round: number };
  /** ms from the first to the last entry that is judged */
  took: number;
  /** whether the case stops the target while connections live, so that there is no settled look at it */
  shutdown: boolean;
};

/** Sorts a journal by kind; undefined if it does not begin with its case, since then there is nothing to judge by. */
export function readEvidence(journal: readonly Entry[]): Evidence | undefined {
  const head = journal[0];
  if (head?.type !== 'case') return undefined;
  const evidence: Evidence = {
    head,
    case: head.case,
    samples: [],
    looks: [],
    reports: {},
    connections: [],
    enlarged: [],
    memory: [],
    endLines: [],
    faults: [],
    missed: [],
    advanced: [],
    lives: [],
    explained: new Map(),
    confirmingRounds: 0,
    blind: [],
    obstructions: [],
    labErrors: [],
    moreRoundsAt: Infinity,
    took: 0,
    shutdown: head.case.faults.some((fault) => fault.kind === 'shutdown'),
  };
  for (const [index, entry] of journal.entries()) sort(evidence, entry, index);
  return evidence;
}

function sort(evidence: Evidence, entry: Entry, index: number): void {
  const before = evidence.took;
  evidence.took = entry.t;
  switch (entry.type) {
    case 'phase':
      if (entry.phase === 'confirm') evidence.moreRoundsAt = Math.min(evidence.moreRoundsAt, index);
      if (evidence.exit === undefined) evidence.phase = { phase: entry.phase, round: entry.round };
      return;
    case 'fault':
      return sortFault(evidence, entry);
    case 'sample': {
      const sample: SampleAt = { at: entry.at, sample: entry.sample, index };
      evidence.samples.push(sample);
      if (entry.at === 'looked') evidence.looks.push(sample);
      else evidence[entry.at] = sample;
      return;
    }
    case 'report':
      evidence.reports[entry.at] = entry.report;
      if (entry.at === 'confirmed') evidence.confirmingRounds = entry.round - 1;
      return;
    case 'drain':
      if (entry.round === 1) evidence.drain = entry;
      return;
    case 'end-line':
      evidence.endLines.push({ line: entry, index });
      return;
    case 'explained':
      for (const [fingerprint, lines] of Object.entries(entry.lines)) {
        evidence.explained.set(fingerprint, [...(evidence.explained.get(fingerprint) ?? []), ...lines]);
      }
      return;
    case 'lives':
      evidence.lives.push(...entry.lives);
      // written by another run: it tells no time of this one
      evidence.took = before;
      return;
    case 'obstruction':
      evidence.obstructions.push({
        what: entry.what,
        detail: entry.detail,
        ...(evidence.phase === undefined ? {} : { phase: evidence.phase }),
      });
      return;
    default:
      // with or without what is not judged the verdict is the same
      if (!keep(evidence, entry)) evidence.took = before;
  }
}

function sortFault(evidence: Evidence, entry: Of<'fault'>): void {
  const { action, fault, fidelity, best = fidelity } = entry;
  if (action === 'missed' && evidence.moreRoundsAt === Infinity) evidence.missed.push(fault);
  if (action === 'applied') evidence.faults.push({ fault, fidelity, best });
}

/** Keeps an entry as it is. False for `counts`, `output`, `evidence`, and whatever a later lastfin writes: they are not judged. */
function keep(evidence: Evidence, entry: Entry): boolean {
  switch (entry.type) {
    case 'case':
    case 'kernel':
      break;
    case 'recovery':
      evidence.recovery = entry;
      break;
    case 'load':
      evidence.load = entry;
      break;
    case 'connection':
      evidence.connections.push(entry);
      break;
    case 'enlarged':
      evidence.enlarged.push(entry);
      break;
    case 'memory':
      evidence.memory.push(entry);
      break;
    case 'advanced':
      if (entry.round === 1) evidence.advanced.push(entry);
      break;
    case 'exit':
      evidence.exit = entry;
      break;
    case 'opaque':
      evidence.opaque = entry.reason;
      break;
    case 'blind':
      evidence.blind.push(entry.what);
      break;
    case 'skipped':
      evidence.skipped = entry;
      break;
    case 'lab-error':
      evidence.labErrors.push(entry);
      break;
    default:
      return false;
  }
  return true;
}

/** Connections of the judged round. */
export function judgedRound(evidence: Evidence): ConnectionSeen[] {
  return evidence.connections.filter((connection) => connection.round === 1);
}

/** Whether the target exited before the round had settled: whatever else looks wrong then is a consequence. */
export function diedEarly(evidence: Evidence): boolean {
  return evidence.exit !== undefined && !evidence.exit.asked && evidence.settled === undefined;
}
