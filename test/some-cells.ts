import type { Case } from '../harness/scenario/case.ts';

/** Cells of one scenario that a test runs: the first, the last, and those between at equal distances. */
const CELLS = 3;

/**
 * Ids of cases that stand for all: a few cells of each scenario. A whole matrix on each foreign program would take most of the tests' time;
 * `LASTFIN_TEST_CELLS=all` takes it.
 */
export function someCells(cases: readonly Case[]): string[] {
  const most = process.env['LASTFIN_TEST_CELLS'] === 'all' ? Infinity : CELLS;
  return [...new Set(cases.map(({ scenario }) => scenario))].flatMap((one) => {
    const cells = cases.filter(({ scenario }) => scenario === one).map(({ id }) => id);
    const step = Math.max(1, (cells.length - 1) / (most - 1));
    return cells.filter((_, index) => index - Math.floor(index / step) * step < 1);
  });
}
