/**
 * Combines the answers of a target's processes and threads: figures are summed, suspects of one origin become one suspect.
 */
import { emptySample } from '../observer.ts';
import type { Advanced, Alive, Report, Sample, Suspect } from '../protocol.ts';

/** Answer of one process or thread. `name` is absent for the main process; a `thread` shares its process's descriptors. */
export type Said<T> = { said: T; name?: string; thread?: boolean };

export function combineSamples(all: readonly Said<Sample>[]): Sample {
  const sum = emptySample();
  for (const { said, thread } of all) {
    add(sum.gauges, said.gauges);
    add(sum.counters, said.counters);
    add(sum.terminations.incoming, said.terminations.incoming);
    add(sum.terminations.outgoing, said.terminations.outgoing);
    add(sum.resources, said.resources);
    // the process itself has counted them, except the thread's own connection to the harness
    add(sum.fds, thread ? { socket: -1 } : said.fds);
    sum.heapUsed += said.heapUsed;
  }
  return sum;
}

export function combineReports(all: readonly Said<Report>[]): Report {
  const byFingerprint = new Map<string, Suspect>();
  const names: Report['names'] = {};
  let took = 0;
  const sweeps: number[] = [];
  const blind = all.flatMap(({ said }) => said.blind ?? []);
  const warnings = all.flatMap(({ said }) => said.warnings ?? []);
  for (const { said, name, thread } of all) {
    took = Math.max(took, said.took);
    if (said.sweepsWithin !== undefined) sweeps.push(said.sweepsWithin);
    Object.assign(names, said.names);
    for (const suspect of said.suspects) {
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

export function combineAlive(all: readonly Said<{ alive: Alive[]; why?: string }>[]): {
  alive: Alive[];
  why?: string;
} {
  const alive = all.flatMap(({ said, name }) =>
    said.alive.map((one) => (name === undefined ? one : { ...one, what: `in ${name}: ${one.what}` })),
  );
  const why = all.flatMap(({ said, name }) =>
    said.why === undefined ? [] : [name === undefined ? said.why : `in ${name}:\n${said.why}`],
  );
  return why.length === 0 ? { alive } : { alive, why: why.join('\n') };
}

export function combineAdvanced(all: readonly Said<Advanced>[]): Advanced {
  const said = all.map((one) => one.said);
  return {
    done: said.every(({ done }) => done),
    left: Math.max(0, ...said.map(({ left }) => left)),
    steps: said.reduce((sum, { steps }) => sum + steps, 0),
    fired: said.reduce((sum, { fired }) => sum + fired, 0),
    notShifted: all.flatMap(({ said: { notShifted }, name }) =>
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
