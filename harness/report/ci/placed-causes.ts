import type { Finding } from '../../judge/verdict.ts';
import type { Cause } from '../cause.ts';
import { ruleOf } from '../guide/finding-rule.ts';
import { FINDING_GUIDE } from '../guide/finding-guide.ts';
import { plainLine } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';
import { exemptAs, knownAs } from './exempt.ts';
import { repositoryPath, type Roots } from './repository-path.ts';

/** Line of a file in the repository, 1-based. */
export type RepositoryPlace = { file: string; line: number; column: number };

/** Cause with the facts that CI systems want: the kind as a rule, and the line to show it at. */
export type PlacedCause = {
  cause: Cause;
  /** name of the section in docs/findings.md: `leak/socket`, `invariant/bytes`, `crash` */
  rule: string;
  /** finding of the smallest case */
  finding?: Finding;
  /** true where each of its cases passed in the end */
  flaky: boolean;
  /** exception that somebody made for it: it does not fail the run */
  known?: string;
  /** first line of the program that lies in the repository and is no dependency, else the scenario's; absent where neither is in the repository */
  place?: RepositoryPlace;
  /** the other lines of the program that lie in the repository */
  others: RepositoryPlace[];
};

/** Places the causes of a run in the repository, in the order of the report. */
export function placedCauses({ causes, results }: RunReport, roots: Roots): PlacedCause[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  return causes.map((cause) => {
    const finding = byId
      .get(cause.smallest.id)
      ?.findings.find(({ fingerprint }) => fingerprint === cause.fingerprint);
    const places = cause.lines.flatMap((line) => placeOf(line, roots));
    const first = places.find(({ file }) => !isDependency(file)) ?? places[0];
    const place = first ?? placeOf(cause.smallest.source, roots)[0];
    const cases = cause.ids.flatMap((id) => byId.get(id) ?? []);
    const known = knownAs(cause) ?? exemptOf(cases);
    return {
      cause,
      rule: finding === undefined ? cause.kind : ruleOf(finding),
      ...(finding === undefined ? {} : { finding }),
      flaky: cases.length > 0 && cases.every(({ verdict }) => verdict === 'flaky'),
      ...(known === undefined ? {} : { known }),
      ...(place === undefined ? {} : { place }),
      others: places.filter((one) => one !== place),
    };
  });
}

/** Text below a finding's message in CI systems: the number of cases, the fix, and the command to see it again. */
export function adviceOf({ cause, rule, known }: PlacedCause): string[] {
  const { cases, smallest } = cause;
  const fix = FINDING_GUIDE[rule]?.fix;
  return [
    ...(known === undefined ? [] : [`known: ${plainLine(known)}`]),
    ...cause.joined.map(({ message }) => `with: ${plainLine(message)}`),
    `${cases} ${cases === 1 ? 'case' : 'cases'}, smallest: ${plainLine(smallest.id)}`,
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
    ...(smallest.rerun === undefined ? [] : [`again: ${plainLine(smallest.rerun)}`]),
  ];
}

/** Place of a cause of which no line lies in the repository, for formats that must have one: the name of its file. */
export function placeElsewhere({ cause }: PlacedCause): RepositoryPlace {
  const { file, line, column } = cause.lines[0] ?? cause.smallest.source;
  const name = plainLine(file).split(/[/\\]/).at(-1) ?? '';
  return { file: name === '' ? 'unknown' : name, ...fromOne(line, column) };
}

/** Exception of the first case where all are exempt. */
function exemptOf(cases: readonly ReportedCase[]): string | undefined {
  const all = cases.map(exemptAs);
  return all.includes(undefined) ? undefined : all[0];
}

function placeOf(
  { file, line, column }: { file: string; line: number; column: number },
  roots: Roots,
): RepositoryPlace[] {
  const inside = repositoryPath(plainLine(file), roots);
  return inside === undefined ? [] : [{ file: inside, ...fromOne(line, column) }];
}

function fromOne(line: number, column: number): { line: number; column: number } {
  return { line: Math.max(1, Math.trunc(line)), column: Math.max(1, Math.trunc(column)) };
}

function isDependency(file: string): boolean {
  return file.split('/').includes('node_modules');
}
