import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { RunReport } from '../report/run-report.ts';
import { tally } from '../judge/tally.ts';
import type { NotApplicable } from '../run/admission/admissions.ts';
import { wouldRun } from '../run/admission/would-run.ts';
import { loadTarget } from '../targets/file/target-file.ts';

/** Which settings they are is said by the proposal of what to name. */
const UNNAMED = 'need settings that the target file does not name';

/** Counts the cases that are not about their target, and proposes settings that would make some of them be. */
export function outsideOf(
  notApplicable: readonly NotApplicable[],
): Pick<RunReport, 'notApplicable' | 'wouldRun'> {
  const counts = tally(notApplicable.map(kindOfReason));
  const reasons = [...counts]
    .map(([reason, cases]) => ({ reason, cases }))
    .toSorted((a, b) => b.cases - a.cases);
  const reference = loadTarget('proxy');
  const more = wouldRun(notApplicable, (setting) => reference.settings[setting]?.type ?? 'string');
  return {
    notApplicable: { cases: notApplicable.length, reasons },
    ...(more === undefined ? {} : { wouldRun: more }),
  };
}

/** A reason without its names: a summary has a line, not a list. */
function kindOfReason({ reason, settings }: NotApplicable): string {
  if (settings !== undefined) return UNNAMED;
  return /^need a route `(?!http`|websocket`|tcp`)/.test(reason) ? 'need a route of another name' : reason;
}

/** Refuses a run of nothing: it must not look like one that found nothing. */
export function noneApplies(notApplicable: readonly NotApplicable[]): LastfinError {
  const reasons = tally(notApplicable.map(({ reason }) => reason));
  const target = notApplicable[0]?.target.name ?? '';
  const words = [...reasons].map(([reason, cases]) => `\n  ${cases} ${reason}`).join('');
  return new LastfinError(
    'LASTFIN_USAGE',
    `none of the ${notApplicable.length} chosen cases applies to the target \`${target}\`:${words}\n\`npx lastfin list\` shows those that do; routes and settings are named in the target file`,
  );
}
