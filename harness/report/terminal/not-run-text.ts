import { plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import type { ReportedCase } from '../reported-case.ts';
import { wrap } from './wrap.ts';

/** Reasons that are listed one by one; `--verbose` lists every case with its own. */
const MOST_REASONS = 8;
/** A fix that is an installation: where lastfin's own checkout is at hand, its set-up does all of them. */
const INSTALLATION = /^install\b/i;

/**
 * Says what was not run and why: what the machine lacks, with the command that adds it; what was skipped for another reason;
 * where bytes were not judged; what passed cases have not seen; what does not apply to the target; what would run with more settings.
 *
 * @param setup the command that installs all that is missing, where there is one
 */
export function notRunInWords(report: RunReport, width: number, setup?: string): string[] {
  const skipped = report.results.filter(({ verdict }) => verdict === 'skipped');
  return [
    ...nothingJudged(report),
    ...bailed(report),
    ...[
      ...wanting(skipped, setup),
      ...forOtherReasons(skipped),
      ...unjudgedBytes(report),
      ...notSeenByPassed(report),
      ...notApplicable(report),
    ].flatMap((text) => wrapped(text, width)),
    ...wouldRun(report, width),
  ];
}

/** Warns of a run that has looked at nothing: without findings its exit code is 0. */
function nothingJudged({ results }: RunReport): string[] {
  const isNothing = results.length > 0 && results.every(({ verdict }) => verdict === 'skipped');
  return isNothing ? ['nothing was judged: all cases were skipped (`npx lastfin gate` fails for that)'] : [];
}

function bailed({ bailed: cut }: RunReport): string[] {
  if (cut === undefined) return [];
  const { limit, notRun } = cut;
  return [`stopped after ${cases(limit)} had failed (--bail): ${cases(notRun)} not run`];
}

/** `12 cases not tried for want of nft, 3 of Toxiproxy: npm run setup` */
function wanting(skipped: readonly ReportedCase[], setup: string | undefined): string[] {
  const fixes = new Map<string, string[]>();
  for (const { want } of skipped) {
    if (want === undefined) continue;
    const fix = setup !== undefined && INSTALLATION.test(want.fix) ? setup : want.fix;
    const whats = fixes.get(fix) ?? [];
    whats.push(want.what);
    fixes.set(fix, whats);
  }
  return [...fixes].map(([fix, whats]) => {
    const [[what, count] = ['', 0], ...others] = byCount(whats);
    const rest = others.map(([other, some]) => `, ${some} of ${other}`).join('');
    return `${cases(count)} not tried for want of ${what}${rest}: ${fix}`;
  });
}

function forOtherReasons(skipped: readonly ReportedCase[]): string[] {
  const reasons = skipped.flatMap(({ want, reason = 'no reason was given' }) =>
    want === undefined ? [plainLine(reason)] : [],
  );
  const sorted = byCount(reasons);
  const lines = sorted.slice(0, MOST_REASONS).map(([reason, count]) => `${cases(count)} skipped: ${reason}`);
  const rest = sorted.slice(MOST_REASONS);
  if (rest.length === 0) return lines;
  const count = rest.reduce((sum, [, some]) => sum + some, 0);
  return [...lines, `${cases(count)} skipped for ${rest.length} other reasons: --verbose lists them`];
}

function unjudgedBytes({ results }: RunReport): string[] {
  const reasons = results.flatMap(({ opaque, verdict }) =>
    opaque === undefined || verdict === 'skipped' ? [] : [opaque],
  );
  return byCount(reasons).map(([reason, count]) => `bytes were not judged in ${cases(count)}: ${reason}`);
}

/** Warns of what passed cases have not looked at; a failed one says it itself. */
function notSeenByPassed({ results }: RunReport): string[] {
  const whats = results.flatMap(({ verdict, blind = [] }) => (verdict === 'passed' ? blind : []));
  return byCount(whats)
    .slice(0, MOST_REASONS)
    .map(([what, count]) => `${cases(count)} passed and did not see ${what}`);
}

function notApplicable({ notApplicable: { cases: count, reasons } }: RunReport): string[] {
  if (count === 0) return [];
  const parts = reasons.map((one) => `${one.cases} ${plainLine(one.reason)}`);
  const verb = count === 1 ? 'does' : 'do';
  return [
    `${cases(count)} ${verb} not apply to this target${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`,
  ];
}

function wouldRun({ wouldRun: more }: RunReport, width: number): string[] {
  if (more === undefined || more.cases === 0) return [];
  const text = `${more.cases} more ${more.cases === 1 ? 'case' : 'cases'} would run with these settings in the target file:`;
  const yaml = more.yaml.trimEnd().split('\n');
  return [...wrapped(text, width), '', ...yaml.map((line) => `  ${line}`.trimEnd()), ''];
}

/** Lines after the first are indented, so that each statement is seen to begin. */
function wrapped(text: string, width: number): string[] {
  const [first = '', ...rest] = wrap(plainLine(text), width - 2);
  return [first, ...rest.map((line) => `  ${line}`)];
}

/** Texts with the times that they occur, the most frequent first. */
function byCount(texts: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

function cases(count: number): string {
  return `${count} ${count === 1 ? 'case' : 'cases'}`;
}
