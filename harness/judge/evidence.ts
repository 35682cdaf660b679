import type { ConnectionSeen, EndLine, Entry, Observation, Phase } from '../journal/entry.ts';
import type { Position, Report, Sample } from '../probe/protocol.ts';
import type { Case } from '../scenario/case.ts';
import type { Fault } from '../scenario/fault.ts';
import type { Fidelity } from '../scenario/trigger.ts';

type Of<T extends Observation['type']> = Extract<Observation, { type: T }>;

/** A sample and its place in the journal, so that what came before and after it can be told apart. */
export type SampleAt = { at: Of<'sample'>['at']; sample: Sample; index: number };

/** An end line and its place in the journal. */
export type EndLineAt = { line: EndLine; index: number };

/** A journal sorted by kind: what every rule of the judge reads. */
export type Evidence = {
  head: Of<'case'>;
  case: Case;
  samples: SampleAt[];
  baseline?: SampleAt;
  /** at each step `look`, in their order */
  looks: SampleAt[];
  settled?: SampleAt;
  confirmed?: SampleAt;
  released?: SampleAt;
  stopping?: SampleAt;
  reports: { settled?: Report; confirmed?: Report; released?: Report };
  /** of all rounds, the warm-up too */
  connections: ConnectionSeen[];
  /** after each of the larger rounds */
  enlarged: { connections: number; report: Report }[];
  /** after each of the larger rounds that look for a slope, KiB */
  memory: Omit<Of<'memory'>, 'type' | 'round'>[];
  endLines: EndLineAt[];
  /** of the judged round */
  drain?: Of<'drain'>;
  /** how real each was, and how real it can be at best */
  faults: { fault: Fault; fidelity: Fidelity; best: Fidelity }[];
  /** faults of the judged round whose moment never came, since the target failed the connections before it */
  missed: Fault[];
  recovery?: Of<'recovery'>;
  /** fingerprint → lines that inserted into a growing collection or emitter */
  explained: Map<string, Position[]>;
  /** of the judged round */
  advanced: Of<'advanced'>[];
  exit?: Of<'exit'>;
  skipped?: Of<'skipped'>;
  /** how many rounds repeated the judged one */
  confirmingRounds: number;
  /** what could not be seen */
  blind: string[];
  /** how the target kept the harness from looking at it */
  obstructions: (Omit<Of<'obstruction'>, 'type'> & { phase?: Evidence['phase'] })[];
  /** why bytes are not judged: the target is no transparent pipe */
  opaque?: string;
  labErrors: Of<'lab-error'>[];
  /** where in the journal further rounds begin; Infinity where there are none */
  moreRoundsAt: number;
  /** the last phase that began before the target exited, or before the journal ends */
  phase?: { phase: Phase; round: number };
  /** ms from the first entry's clock to the last entry */
  took: number;
  /** the case tells the target to stop while connections live: there is no settled look at it */
  shutdown: boolean;
};

/** Sorts a journal by kind. Undefined when it does not begin with its case: then there is nothing to judge by. */
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
    explained: new Map(),
    confirmingRounds: 0,
    blind: [],
    obstructions: [],
    labErrors: [],
    moreRoundsAt: Infinity,
    took: journal.at(-1)?.t ?? 0,
    shutdown: head.case.faults.some((fault) => fault.kind === 'shutdown'),
  };
  for (const [index, entry] of journal.entries()) sort(evidence, entry, index);
  return evidence;
}

function sort(evidence: Evidence, entry: Entry, index: number): void {
  switch (entry.type) {
    case 'case':
      return;
    case 'kernel':
      return;
    case 'recovery':
      evidence.recovery = entry;
      return;
    case 'phase':
      if (entry.phase === 'confirm') evidence.moreRoundsAt = Math.min(evidence.moreRoundsAt, index);
      if (evidence.exit === undefined) evidence.phase = { phase: entry.phase, round: entry.round };
      return;
    case 'fault':
      if (entry.action === 'missed' && evidence.moreRoundsAt === Infinity) evidence.missed.push(entry.fault);
      if (entry.action === 'applied') {
        const { fault, fidelity, best = fidelity } = entry;
        evidence.faults.push({ fault, fidelity, best });
      }
      return;
    case 'connection':
      evidence.connections.push(entry);
      return;
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
    case 'enlarged':
      evidence.enlarged.push(entry);
      return;
    case 'memory':
      evidence.memory.push(entry);
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
    case 'advanced':
      if (entry.round === 1) evidence.advanced.push(entry);
      return;
    case 'exit':
      evidence.exit = entry;
      return;
    case 'opaque':
      evidence.opaque = entry.reason;
      return;
    case 'obstruction':
      evidence.obstructions.push({
        what: entry.what,
        detail: entry.detail,
        ...(evidence.phase === undefined ? {} : { phase: evidence.phase }),
      });
      return;
    case 'blind':
      evidence.blind.push(entry.what);
      return;
    case 'skipped':
      evidence.skipped = entry;
      return;
    case 'lab-error':
      evidence.labErrors.push(entry);
      return;
  }
}

/** The connections of the judged round. */
export function judgedRound(evidence: Evidence): ConnectionSeen[] {
  return evidence.connections.filter((connection) => connection.round === 1);
}

/** The target exited before the round had settled: whatever else looks wrong then is a consequence. */
export function diedEarly(evidence: Evidence): boolean {
  return evidence.exit !== undefined && !evidence.exit.asked && evidence.settled === undefined;
}
