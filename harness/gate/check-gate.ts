import { FIDELITIES } from '../fidelities.ts';
import type { CaseResult } from '../judge/verdict.ts';
import { isExempt } from '../report/exit-code.ts';
import { duration } from '../report/duration.ts';
import type { RunReport } from '../report/run-report.ts';
import { type DistinctFinding, distinctFindings } from './distinct-findings.ts';
import type { Gate } from './gate-file.ts';
import type { KnownFile } from './known/known-file.ts';
import { percentile } from '../../shared/series/percentile.ts';

/** A figure of a report beside its bound. */
export type Check = {
  what: string;
  /** figure and bound in words */
  actual: string;
  bound: string;
  holds: boolean;
  /** by how much the bound is exceeded, in words */
  over?: string;
  /** findings or ids of cases that exceed it */
  such: string[];
};

/** Judgement of a report by thresholds. */
export type Gated = {
  checks: Check[];
  /** reasons why the report says nothing: the run is no whole one */
  incomplete: string[];
  /** 0 open, 1 a bound is exceeded, 3 the run is no whole one */
  exitCode: number;
};

/**
 * Compares a report, with its known findings marked, with thresholds.
 */
export function checkGate(report: RunReport, gate: Gate, known: KnownFile): Gated {
  const checks = [
    ...findingChecks(report, gate),
    ...caseChecks(report, gate),
    ...figureChecks(report, gate),
    ...knownChecks(report, gate, known),
  ];
  const incomplete = reasons(report);
  const isOver = checks.some(({ holds }) => !holds);
  return { checks, incomplete, exitCode: incomplete.length > 0 ? 3 : isOver ? 1 : 0 };
}

function reasons({ interrupted, broken, bailed, counts, results }: RunReport): string[] {
  const errors = results.filter(({ verdict }) => verdict === 'error');
  return [
    ...(interrupted ? ['the run was interrupted'] : []),
    ...(broken === undefined ? [] : [`the run broke off: ${broken}`]),
    ...(bailed === undefined ? [] : [`--bail kept ${bailed.notRun} cases from being run`]),
    ...(counts.error === 0 ? [] : [`the lab failed in ${counts.error} cases, such as ${errors[0]?.id}`]),
  ];
}

/** Compares a count with the most that is allowed; nothing where no bound is set. */
function atMost(
  what: string,
  such: readonly string[],
  bound: number | undefined,
  count = such.length,
): Check[] {
  if (bound === undefined) return [];
  const holds = count <= bound;
  return [
    {
      what,
      actual: String(count),
      bound: `at most ${bound}`,
      holds,
      ...(holds ? {} : { over: `${count - bound} too many` }),
      such: holds ? [] : [...such],
    },
  ];
}

function findingChecks(report: RunReport, { findings: bounds }: Gate): Check[] {
  const fresh = distinctFindings(report).filter(({ known }) => known === undefined || known.expired === true);
  const named = Object.keys(bounds).filter((kind) => kind !== 'other');
  return [...named, 'other'].flatMap((kind) => {
    const some = fresh.filter((one) => (kind === 'other' ? !named.includes(one.kind) : one.kind === kind));
    const bound = bounds[kind as keyof typeof bounds] ?? 0;
    const what =
      kind === 'other'
        ? named.length === 0
          ? 'new findings'
          : 'other new findings'
        : `new ${kind} findings`;
    return atMost(what, some.map(inWords), bound);
  });
}

function inWords({ kind, message, identity, cases, known }: DistinctFinding): string {
  const where = cases.length === 1 ? cases[0] : `${cases.length} cases, such as ${cases[0]}`;
  const expired = known === undefined ? '' : `known until ${known.expires} (${known.owner}), which is over; `;
  return `${expired}${kind}: ${message} [${identity}] in ${where}`;
}

function caseChecks({ results, notApplicable, shard }: RunReport, gate: Gate): Check[] {
  const ids = (isSo: (result: CaseResult) => boolean): string[] => results.filter(isSo).map(({ id }) => id);
  const flaky = ids((one) => one.verdict === 'flaky' && !isExempt(one));
  const ran = ids(({ verdict }) => verdict !== 'skipped' && verdict !== 'error').length;
  // a shard may be empty: the merged report tells
  const least = gate.ran ?? (shard === undefined ? 1 : 0);
  return [
    ...atMost('flaky cases', flaky, gate.flaky ?? 0),
    ...atMost(
      'skipped cases',
      ids(({ verdict }) => verdict === 'skipped'),
      gate.skipped,
    ),
    ...atMost('cases that do not apply', [], gate.notApplicable, notApplicable.cases),
    {
      what: 'cases that ran',
      actual: String(ran),
      bound: `at least ${least}`,
      holds: ran >= least,
      ...(ran >= least ? {} : { over: `${least - ran} too few` }),
      such: [],
    },
  ];
}

function figureChecks({ results }: RunReport, gate: Gate): Check[] {
  const drains = results.flatMap((one) => one.drain ?? []);
  const drain = (name: 'p50' | 'p99', share: number): Check[] => {
    const limit = gate.drain[name];
    if (limit === undefined) return [];
    const actual = percentile(drains, share) ?? 0;
    const slow = results
      .filter((one) => (one.drain ?? 0) > limit)
      .map((one) => `${one.id}: ${duration(one.drain ?? 0)}`);
    return [figure(`drain ${name}`, { actual, limit, format: duration, such: slow })];
  };
  const each = gate.memory.perConnection;
  const most = Math.max(0, ...results.map(({ memoryEach }) => memoryEach ?? 0));
  const grows = results
    .filter(({ memoryEach = 0 }) => memoryEach > (each ?? 0))
    .map(({ id, memoryEach }) => `${id}: ${memoryEach} B`);
  const lowest = FIDELITIES.findIndex((one) => one === gate.fidelity);
  const unreal = results.filter(
    ({ fidelity }) => fidelity !== undefined && FIDELITIES.indexOf(fidelity) > lowest,
  );
  return [
    ...drain('p50', 0.5),
    ...drain('p99', 0.99),
    ...(each === undefined
      ? []
      : [
          figure('memory per connection', {
            actual: most,
            limit: each,
            format: (value) => `${value} B`,
            such: grows,
          }),
        ]),
    ...(gate.fidelity === undefined
      ? []
      : atMost(
          `cases below the fidelity ${gate.fidelity}`,
          unreal.map(({ id, fidelity }) => `${id}: ${fidelity}`),
          0,
        )),
  ];
}

function figure(
  what: string,
  {
    actual,
    limit,
    format,
    such,
  }: { actual: number; limit: number; format: (value: number) => string; such: string[] },
): Check {
  const holds = actual <= limit;
  return {
    what,
    actual: format(actual),
    bound: `at most ${format(limit)}`,
    holds,
    ...(holds ? {} : { over: `${format(actual - limit)} too much` }),
    such: holds ? [] : such,
  };
}

function knownChecks({ known: seen }: RunReport, gate: Gate, known: KnownFile): Check[] {
  const listed = Object.entries(known.findings).flatMap(([target, some]) =>
    Object.entries(some).map(
      ([identity, { owner, expires }]) => `${identity} (${target}), ${owner}, until ${expires}`,
    ),
  );
  const gone = (seen?.gone ?? []).map(
    ({ target, identity }) => `${identity} (${target}): --prune-known removes it`,
  );
  const held = Object.entries(known.quarantine).map(
    ([id, { owner, expires }]) => `${id}, ${owner}, until ${expires}`,
  );
  return [
    ...atMost('known findings', listed, gate.known.most),
    ...atMost('known findings that are gone', gone, gate.known.gone),
    ...atMost('cases in quarantine', held, gate.quarantine.most),
  ];
}
