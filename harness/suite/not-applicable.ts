import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { RunReport } from '../report/run-report.ts';
import { tally } from '../judge/tally.ts';
import type { NotApplicable } from '../run/admission/admissions.ts';
import { wouldRun } from '../run/admission/would-run.ts';
import { loadTarget } from '../targets/file/target-file.ts';

/** Summary of all reasons about settings; the proposal in the report names the settings. */
const UNNAMED = 'need settings that the target file does not name';

/** Counts the cases that do not apply to their target, by reason, and proposes settings that would make some of them apply. */
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

/** Groups reasons that differ only in names: a summary has a line, not a list. */
function kindOfReason({ reason, settings }: NotApplicable): string {
  if (settings !== undefined) return UNNAMED;
  return /^need a route `(?!http`|websocket`|tcp`)/.test(reason) ? 'need a route of another name' : reason;
}

/** Error for a run in which no case applies: it must not look like a run without findings. */
export function noneApplies(notApplicable: readonly NotApplicable[]): LastfinError {
  const reasons = tally(notApplicable.map(({ reason }) => reason));
  const target = notApplicable[0]?.target.name ?? '';
  const words = [...reasons].map(([reason, cases]) => `\n  ${cases} ${reason}`).join('');
  return new LastfinError(
    'LASTFIN_USAGE',
    `none of the ${notApplicable.length} chosen cases applies to the target \`${target}\`:${words}\n\`npx lastfin list\` shows those that do; routes and settings are named in the target file`,
  );
}
