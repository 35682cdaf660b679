import type { Report, Sample, Suspect } from '../../probe/protocol.ts';
import type { ConnectionSeen, EndLine, Entry, Observation } from '../../journal/entry.ts';
import type { Case } from '../../scenario/case.ts';

type Of<T extends Observation['type']> = Extract<Observation, { type: T }>;

/** Differences between a hand-built journal and a clean one of two connections, for tests. */
export type JournalParts = {
  case?: Partial<Case>;
  publishes?: Of<'case'>['publishes'];
  baseline?: Partial<Sample>;
  /** null: no sample was taken */
  settled?: Partial<Sample> | null;
  confirmed?: Partial<Sample>;
  released?: Partial<Sample>;
  stopping?: Partial<Sample>;
  reports?: { settled?: Suspect[] | null; confirmed?: Suspect[]; released?: Suspect[] | null };
  connections?: ConnectionSeen[];
  endLines?: EndLine[];
  drain?: Partial<Of<'drain'>>;
  faults?: Omit<Of<'fault'>, 'type' | 'action'>[];
  explained?: Of<'explained'>['lines'];
  /** null: the journal ends before the exit */
  exit?: Partial<Of<'exit'>> | null;
  extra?: Observation[];
};

export function aCase(parts: Partial<Case> = {}): Case {
  return {
    id: 'faults/client-reset[phase=idle]',
    scenario: 'faults/client-reset',
    cell: { phase: 'idle' },
    about: 'a client that resets leaves nothing behind',
    source: { file: 'scenarios/faults/client-reset.yaml', line: 3, column: 1 },
    kind: 'universal',
    ownTarget: false,
    target: 'proxy',
    route: 'tcp',
    family: 'ipv4',
    addresses: [],
    settings: {},
    connections: { count: 2, concurrent: 2 },
    client: [{ kind: 'open' }, { kind: 'close' }],
    upstream: [],
    faults: [],
    expect: { drain: 2000 },
    deadline: 5000,
    seed: 1,
    ...parts,
  };
}

export function aSample(parts: Partial<Sample> = {}): Sample {
  return {
    gauges: { records: 0 },
    counters: { accepted: 2, outgoing_created: 2 },
    terminations: { incoming: { normal: 2 }, outgoing: { closed_incoming: 2 } },
    resources: { TCPServerWrap: 1 },
    fds: { socket: 1 },
    heapUsed: 1,
    ...parts,
  };
}

/** Figures of the target after a clean round of two connections. */
export const AFTER_ROUND: Partial<Sample> = {
  counters: { accepted: 4, outgoing_created: 4 },
  terminations: { incoming: { normal: 4 }, outgoing: { closed_incoming: 4 } },
};

export function aSuspect(parts: Partial<Suspect> = {}): Suspect {
  return {
    resource: 'socket',
    fingerprint: 'socket:tunnel.ts:41',
    count: 2,
    rule: 'presence',
    where: [{ file: 'src/tunnel.ts', line: 41, column: 9, name: 'openTunnel' }],
    sample: 'TCP socket to 127.0.0.1:9000',
    ...parts,
  };
}

export function aConnection(parts: Partial<ConnectionSeen> = {}): ConnectionSeen {
  return {
    actor: 'client',
    round: 1,
    connection: 0,
    seen: 'end',
    did: 'closed',
    sent: 10,
    received: 10,
    ...parts,
  };
}

export const TWO_GRACEFUL: ConnectionSeen[] = [
  aConnection(),
  aConnection({ connection: 1 }),
  aConnection({ actor: 'upstream' }),
  aConnection({ actor: 'upstream', connection: 1 }),
];

/** Builds a journal as the executor writes it; without parts it is one that passes. */
export function aJournal(parts: JournalParts = {}): Entry[] {
  const round: Observation[] = [];
  const sample = (at: Of<'sample'>['at'], values: Partial<Sample>, number: number): void => {
    round.push({ type: 'sample', at, round: number, sample: aSample(values) });
  };
  const report = (at: Of<'report'>['at'], suspects: Suspect[], number: number): void => {
    const made: Report = { suspects, took: 1 };
    round.push({ type: 'report', at, round: number, report: made });
  };
  const { case: caseParts, publishes, reports = {}, exit } = parts;
  const after = parts.settled === null ? {} : { ...AFTER_ROUND, ...parts.settled };
  round.push(
    {
      type: 'case',
      journal: 2,
      case: aCase(caseParts),
      lastfin: '0.1.0',
      node: 'v20.20.2',
      platform: 'linux',
      publishes: publishes ?? { records: true, terminations: true, ends: false },
    },
    { type: 'phase', phase: 'warm-up', round: 0 },
    aConnectionEntry({ round: 0 }),
    { type: 'phase', phase: 'baseline', round: 0 },
  );
  sample('baseline', parts.baseline ?? {}, 0);
  round.push({ type: 'phase', phase: 'steady', round: 1 });
  for (const fault of parts.faults ?? []) round.push({ type: 'fault', action: 'applied', ...fault });
  for (const line of parts.endLines ?? []) round.push({ type: 'end-line', ...line });
  for (const one of parts.connections ?? TWO_GRACEFUL) round.push(aConnectionEntry(one));
  if (parts.settled !== null) {
    round.push({ type: 'phase', phase: 'settle', round: 1 });
    round.push({ type: 'drain', round: 1, took: 12, drained: true, limit: 2000, ...parts.drain });
    sample('settled', after, 1);
    if (reports.settled !== null) report('settled', reports.settled ?? [], 1);
    if (reports.confirmed !== undefined || parts.confirmed !== undefined) {
      round.push({ type: 'phase', phase: 'confirm', round: 2 });
      sample('confirmed', { ...after, ...parts.confirmed }, 3);
      report('confirmed', reports.confirmed ?? [], 3);
    }
    if (parts.explained !== undefined) round.push({ type: 'explained', lines: parts.explained });
    round.push({ type: 'phase', phase: 'release', round: 1 });
    if (reports.released !== null) {
      sample('released', { ...after, ...parts.released }, 1);
      report('released', reports.released ?? [], 1);
    }
  }
  if (parts.stopping !== undefined) sample('stopping', { ...AFTER_ROUND, ...parts.stopping }, 1);
  round.push(...(parts.extra ?? []));
  if (exit !== null) {
    round.push({ type: 'phase', phase: 'stop', round: 1 });
    round.push({
      type: 'exit',
      asked: true,
      within: true,
      code: 0,
      signal: null,
      took: 5,
      grace: 1000,
      stderr: '',
      ...exit,
    });
  }
  return round.map((entry, index) => ({ t: index, ...entry }));
}

function aConnectionEntry(parts: Partial<ConnectionSeen>): Observation {
  return { type: 'connection', ...aConnection(parts) };
}
