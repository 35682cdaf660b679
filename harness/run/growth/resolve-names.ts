import type { Position, Report, Suspect } from '../../probe/protocol.ts';
import type { Settled } from '../phases/settle.ts';

/**
 * Names the suspects of a report that had only a number, by the names of a later report. Suspects that the later one leaves out, by a rule of
 * the target file or because they are not the program's, are left out here too.
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

/** Lines that inserted, under the names that a later report gives in place of numbers. */
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
