import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { identityOf, targetKey } from '../report/identity-of.ts';
import { buildReport, type RunReport } from '../report/run-report.ts';

/** Report of a shard, and the folder that it was found in. */
export type ShardReport = { folder: string; report: RunReport };

/** Facts that all shards of a run have in common, and the option or circumstance behind each. */
const SAME = {
  lastfin: (report: RunReport) => `lastfin ${report.lastfin}`,
  of: (report: RunReport) => `${report.shard?.of} shards`,
  seed: (report: RunReport) => `seed ${report.seed}`,
  plan: (report: RunReport) => `the plan ${report.shard?.plan} (cases, targets and --timings)`,
  lab: (report: RunReport) => `lab ${report.lab?.mode ?? 'unknown'}`,
} as const;

/**
 * Makes one report of the reports of all shards, as an unsharded run would have written it.
 *
 * @throws LastfinError `LASTFIN_SHARDS` for one that is missing, there twice, not whole, or of another run
 */
export function mergeReports(shards: readonly ShardReport[]): RunReport {
  const [first, ...others] = shards.toSorted((a, b) => indexOf(a) - indexOf(b));
  if (first === undefined) throw wrong('there is no shard to merge');
  for (const { folder, report } of shards) {
    if (report.shard === undefined) throw wrong(`${folder} is no shard: it was run without --shard`);
  }
  for (const fact of Object.values(SAME)) {
    const other = others.find(({ report }) => fact(report) !== fact(first.report));
    if (other === undefined) continue;
    throw wrong(
      `the shards are of different runs: ${first.folder} has ${fact(first.report)}, ${other.folder} has ${fact(other.report)}`,
    );
  }
  mustBeEachOnce([first, ...others]);
  const results = [first, ...others]
    .flatMap(({ report }) => report.results)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  mustBeWhole([first, ...others], results);
  const { report } = first;
  const server = shards.find((one) => one.report.toxiproxy !== undefined)?.report.toxiproxy;
  const known = knownOf(shards, results);
  return buildReport({
    lastfin: report.lastfin,
    started: shards.map((one) => one.report.started).toSorted()[0] ?? report.started,
    took: Math.max(...shards.map((one) => one.report.took)),
    node: report.node,
    platform: report.platform,
    seed: report.seed,
    ...(server === undefined ? {} : { toxiproxy: server }),
    ...(report.lab === undefined ? {} : { lab: report.lab }),
    interrupted: false,
    // each shard has planned the whole suite
    notApplicable: report.notApplicable,
    ...(report.wouldRun === undefined ? {} : { wouldRun: report.wouldRun }),
    ...(known === undefined ? {} : { known }),
    results,
  });
}

function indexOf({ report }: ShardReport): number {
  return report.shard?.index ?? 0;
}

function mustBeEachOnce(shards: readonly ShardReport[]): void {
  const of = shards[0]?.report.shard?.of ?? 0;
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter(
    (index) => !shards.some((one) => indexOf(one) === index),
  );
  if (missing.length > 0) {
    const names = missing.map((index) => `${index}/${of}`).join(', ');
    throw wrong(`${missing.length === 1 ? 'a shard is' : 'shards are'} missing: ${names}`);
  }
  const twice = shards.find((one, at) => at > 0 && indexOf(one) === indexOf(shards[at - 1] ?? one));
  if (twice === undefined) return;
  const folders = shards.filter((one) => indexOf(one) === indexOf(twice)).map(({ folder }) => folder);
  throw wrong(`the shard ${indexOf(twice)}/${of} is there twice: ${folders.join(', ')}`);
}

function mustBeWhole(shards: readonly ShardReport[], results: readonly { id: string }[]): void {
  for (const { folder, report } of shards) {
    const { interrupted, broken, bailed } = report;
    const why = interrupted ? 'was interrupted' : broken === undefined ? undefined : `broke off: ${broken}`;
    const bail = bailed === undefined ? undefined : `ended by --bail: ${bailed.notRun} cases were not run`;
    if ((why ?? bail) !== undefined)
      throw wrong(`the shard ${report.shard?.index}/${report.shard?.of} in ${folder} ${why ?? bail}`);
  }
  const again = results.find(({ id }, at) => id === results[at - 1]?.id);
  if (again !== undefined) throw wrong(`the case \`${again.id}\` is in more than one shard`);
  const cases = shards[0]?.report.shard?.cases ?? 0;
  if (results.length !== cases) {
    throw wrong(`the suite has ${cases} cases, the shards together have ${results.length}`);
  }
}

/** Known findings of the whole: one that is gone from a shard may occur in another. */
function knownOf(shards: readonly ShardReport[], results: RunReport['results']): RunReport['known'] {
  const some = shards.flatMap(({ report }) => report.known ?? []);
  const [first] = some;
  if (first === undefined) return undefined;
  const seen = new Set(
    results.flatMap(({ target, findings }) =>
      findings.map((one) => `${targetKey(target)}\n${identityOf(one)}`),
    ),
  );
  const gone = some
    .flatMap((one) => one.gone)
    .filter(({ target, identity }) => !seen.has(`${target}\n${identity}`));
  return { file: first.file, findings: Math.max(...some.map(({ findings }) => findings)), gone };
}

function wrong(message: string): LastfinError {
  return new LastfinError('LASTFIN_SHARDS', message);
}
