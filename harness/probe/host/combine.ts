/**
 * Combines the answers of a target's processes and threads: figures are summed, suspects of one origin become one suspect.
 */
import { emptySample } from '../observer.ts';
import type { Advanced, Alive, Report, Sample, Suspect } from '../protocol.ts';

/** Answer of one process or thread. `name` is absent for the main process; a `thread` shares its process's descriptors. */
export type Answered<T> = { answer: T; name?: string; thread?: boolean };

export function combineSamples(all: readonly Answered<Sample>[]): Sample {
  const sum = emptySample();
  for (const { answer, thread } of all) {
    add(sum.gauges, answer.gauges);
    add(sum.counters, answer.counters);
    add(sum.terminations.incoming, answer.terminations.incoming);
    add(sum.terminations.outgoing, answer.terminations.outgoing);
    add(sum.resources, answer.resources);
    // the process itself has counted them, except the thread's own connection to the harness
    add(sum.fds, thread ? { socket: -1 } : answer.fds);
    sum.heapUsed += answer.heapUsed;
  }
  return sum;
}

export function combineReports(all: readonly Answered<Report>[]): Report {
  const byFingerprint = new Map<string, Suspect>();
  const names: Report['names'] = {};
  let took = 0;
  const sweeps: number[] = [];
  const blind = all.flatMap(({ answer }) => answer.blind ?? []);
  const warnings = all.flatMap(({ answer }) => answer.warnings ?? []);
  for (const { answer, name, thread } of all) {
    took = Math.max(took, answer.took);
    if (answer.sweepsWithin !== undefined) sweeps.push(answer.sweepsWithin);
    Object.assign(names, answer.names);
    for (const suspect of answer.suspects) {
      if (thread && suspect.resource === 'descriptor') continue;
      const known = byFingerprint.get(suspect.fingerprint);
      byFingerprint.set(suspect.fingerprint, known ? sumOf(known, suspect) : inWords(suspect, name));
    }
  }
  return {
    suspects: [...byFingerprint.values()],
    names,
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(blind.length === 0 ? {} : { blind }),
    ...(sweeps.length === 0 ? {} : { sweepsWithin: Math.max(...sweeps) }),
    took,
  };
}

export function combineAlive(all: readonly Answered<{ alive: Alive[]; why?: string }>[]): {
  alive: Alive[];
  why?: string;
} {
  const alive = all.flatMap(({ answer, name }) =>
    answer.alive.map((one) => (name === undefined ? one : { ...one, what: `in ${name}: ${one.what}` })),
  );
  const why = all.flatMap(({ answer, name }) =>
    answer.why === undefined ? [] : [name === undefined ? answer.why : `in ${name}:\n${answer.why}`],
  );
  return why.length === 0 ? { alive } : { alive, why: why.join('\n') };
}

export function combineAdvanced(all: readonly Answered<Advanced>[]): Advanced {
  const answer = all.map((one) => one.answer);
  return {
    done: answer.every(({ done }) => done),
    left: Math.max(0, ...answer.map(({ left }) => left)),
    steps: answer.reduce((sum, { steps }) => sum + steps, 0),
    fired: answer.reduce((sum, { fired }) => sum + fired, 0),
    notShifted: all.flatMap(({ answer: { notShifted }, name }) =>
      notShifted.map((one) => (name === undefined ? one : `${one}, in ${name}`)),
    ),
  };
}

function add(sum: Record<string, number>, more: Record<string, number>): void {
  for (const [name, value] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + value;
}

function sumOf(known: Suspect, more: Suspect): Suspect {
  const alsoRetains = (known.alsoRetains ?? 0) + (more.alsoRetains ?? 0);
  return { ...known, count: known.count + more.count, ...(alsoRetains > 0 ? { alsoRetains } : {}) };
}

function inWords(suspect: Suspect, name: string | undefined): Suspect {
  return name === undefined ? suspect : { ...suspect, sample: `${suspect.sample}; in ${name}` };
}
