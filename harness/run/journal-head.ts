import type { Case } from '../scenario/case.ts';
import { logsReasons } from '../targets/figures/end-line.ts';
import { publishesRecords } from '../targets/file/publishes-records.ts';
import type { Target } from '../targets/file/target.ts';
import { casePattern } from '../scenario/case-pattern.ts';
import { transportsOf } from './admission/transport-gap.ts';
import { type Excuse, JOURNAL_VERSION, type Observation } from '../journal/entry.ts';

/** Head of a journal: which case it is of, on which target, and what the target publishes. */
export function journalHead(
  testCase: Case,
  target: Target,
  lastfin: string,
): Extract<Observation, { type: 'case' }> {
  const { publishes, metrics, pid } = target;
  // an attached target (`--pid`) keeps its output to itself, and has no probe in it
  const ends = pid === undefined ? target.ends : undefined;
  const told = pid === undefined && publishes.terminations;
  const transports = transportsOf(testCase, target);
  return {
    type: 'case',
    journal: JOURNAL_VERSION,
    case: testCase,
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
    ...excusesOf(testCase, target),
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
