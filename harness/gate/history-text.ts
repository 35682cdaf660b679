import { duration } from '../report/duration.ts';
import { plainLine } from '../report/plain-text.ts';
import type { HistoryLine } from './history.ts';

const HEAD = [
  'run',
  'commit',
  'target',
  'cases',
  'failed',
  'flaky',
  'causes',
  'drain p50',
  'p99',
  'B/conn.',
  'took',
];
const COMMIT = 9;
const LONGEST_TARGET = 30;

/** History as a small table, a line a run, the oldest first. */
export function historyInWords(lines: readonly HistoryLine[]): string[] {
  const rows = [HEAD, ...lines.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      // figures stand to the right
      .map((cell, column) =>
        column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function rowOf({ started, commit, targets, counts, causes, drain, memoryEach, took }: HistoryLine): string[] {
  const cases = Object.values(counts).reduce((sum, one) => sum + one, 0);
  const [target = '–'] = targets;
  return [
    plainLine(started).slice(0, 19).replace('T', ' '),
    plainLine(commit ?? '–').slice(0, COMMIT),
    plainLine(targets.length > 1 ? `${targets.length} targets` : target).slice(0, LONGEST_TARGET),
    String(cases),
    String(counts.failed),
    String(counts.flaky),
    String(causes),
    drain === undefined ? '–' : duration(drain.p50),
    drain === undefined ? '–' : duration(drain.p99),
    memoryEach === undefined ? '–' : String(memoryEach),
    duration(took),
  ];
}
