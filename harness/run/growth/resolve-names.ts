import type { Position, Report, Suspect } from '../../probe/protocol.ts';
import type { Settled } from '../phases/settle.ts';

/**
 * A report in which what has grown had only a number, with the names that a later one gives it. What the later one leaves out, by a rule of
 * the target file or because it is not the program's, is left out here too.
 */
export function withNames(report: Report, later: Pick<Settled, 'report' | 'names'>): Report {
  const { names } = later;
  if (!report.suspects.some(({ fingerprint }) => Object.hasOwn(names, fingerprint))) return report;
  const known = new Map(later.report.suspects.map((suspect) => [suspect.fingerprint, suspect]));
  const suspects = new Map<string, Suspect>();
  for (const suspect of report.suspects) {
    const given = names[suspect.fingerprint];
    if (given === undefined) {
      suspects.set(suspect.fingerprint, suspect);
      continue;
    }
    for (const { fingerprint, share, sample } of given) {
      const named = known.get(fingerprint);
      if (named === undefined) continue;
      const count = (suspects.get(fingerprint)?.count ?? 0) + Math.round(suspect.count * share);
      suspects.set(fingerprint, { ...named, ...(sample === undefined ? {} : { sample }), count });
    }
  }
  const ignored = [...(report.ignored ?? [])];
  for (const one of later.report.ignored ?? []) {
    if (!ignored.some(({ name }) => name === one.name)) ignored.push(one);
  }
  return { ...report, suspects: [...suspects.values()], ...(ignored.length === 0 ? {} : { ignored }) };
}

/** The lines of what had a number, by its names. */
export function linesWithNames(
  lines: Record<string, Position[]>,
  names: Settled['names'],
): Record<string, Position[]> {
  const renamed: Record<string, Position[]> = {};
  for (const [number, where] of Object.entries(lines)) {
    const given = names[number] ?? [{ fingerprint: number, share: 1 }];
    for (const { fingerprint } of given) renamed[fingerprint] = [...(renamed[fingerprint] ?? []), ...where];
  }
  return renamed;
}
