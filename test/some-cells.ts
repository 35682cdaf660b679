import type { Case } from '../harness/scenario/case.ts';

/**
 * Share of the hunts on whole programs that the tests make, by `LASTFIN_TEST_CELLS`: `all` cells of each scenario, some of them (the
 * default), or `few`, for a second run of the suite on a machine that differs in its tools only.
 */
const SHARE = process.env['LASTFIN_TEST_CELLS'];
export const areFew = SHARE === 'few';
const CELLS = SHARE === 'all' ? Infinity : areFew ? 1 : 2;

/**
 * Ids of cases that stand for all: of each scenario the first cell and the last, or, where all are wanted, those between as well.
 * `most` bounds the cells of a scenario.
 */
export function someCells(cases: readonly Case[], most = Infinity): string[] {
  const count = SHARE === 'all' ? CELLS : Math.min(CELLS, most);
  return [...new Set(cases.map(({ scenario }) => scenario))].flatMap((one) => {
    const cells = cases.filter(({ scenario }) => scenario === one).map(({ id }) => id);
    const step = count === 1 ? cells.length : Math.max(1, (cells.length - 1) / (count - 1));
    return cells.filter((_, index) => index - Math.floor(index / step) * step < 1);
  });
}

/** Every third of a list of programs where the hunts are few, else all. */
export function somePrograms<T>(programs: readonly T[]): T[] {
  return programs.filter((_, index) => !areFew || index % 3 === 0);
}
