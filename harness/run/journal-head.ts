import type { Case } from '../scenario/case.ts';
import { logsReasons } from '../targets/figures/end-line.ts';
import { publishesRecords } from '../targets/file/publishes-records.ts';
import type { Target } from '../targets/file/target.ts';
import { casePattern } from '../scenario/case-pattern.ts';
import { transportsOf } from './admission/transport-gap.ts';
import type { Excuse, Observation } from '../journal/entry.ts';

/** What a journal begins with: without it nobody would know which case this was. */
export function journalHead(
  plan: Case,
  target: Target,
  lastfin: string,
): Extract<Observation, { type: 'case' }> {
  const { publishes, metrics, pid } = target;
  // the output of a running target goes where it went, and no probe is in it
  const ends = pid === undefined ? target.ends : undefined;
  const told = pid === undefined && publishes.terminations;
  const transports = transportsOf(plan, target);
  return {
    type: 'case',
    journal: 1,
    case: plan,
    lastfin,
    node: process.version,
    platform: process.platform,
    publishes: {
      records: publishesRecords(target),
      terminations: told || metrics?.terminations !== undefined,
      ends: ends !== undefined,
      logged: logsReasons(ends),
    },
    ...(transports ? { transports } : {}),
    ...excusesOf(plan, target),
    ...(pid === undefined ? {} : { attached: pid }),
  };
}

/** Excuses of the target file that are for this case. */
function excusesOf({ id }: Case, { excuses }: Target): { excuses?: Excuse[] } {
  const fitting = excuses
    .filter(({ cases }) => cases.some((pattern) => casePattern(pattern)(id)))
    .map(({ finding, says, reason }): Excuse => ({
      ...(finding === undefined ? {} : { finding }),
      ...(says === undefined ? {} : { says: says.source }),
      reason,
    }));
  return fitting.length === 0 ? {} : { excuses: fitting };
}
