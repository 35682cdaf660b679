import type { Case } from '../harness/scenario/case.ts';
import { areAll, areFew, type Share, shareOf, someOf } from '../shared/testing/share-of.ts';

const CELLS = areAll ? Infinity : areFew ? 1 : 2;

/**
 * Ids of cases that stand for all: of each scenario the first cell and the last, or, where all are wanted, those between as well.
 *
 * @param most most cells of a scenario
 * @param share share of the scenarios that is taken where not all are wanted: one in two, one in three
 */
export function someCells(
  cases: readonly Case[],
  { most = Infinity, share = { one: 0, in: 1 } }: { most?: number; share?: Share } = {},
): string[] {
  const count = areAll ? CELLS : Math.min(CELLS, most);
  return someOf(shareOf([...new Set(cases.map(({ scenario }) => scenario))], share)).flatMap((one) => {
    const cells = cases.filter(({ scenario }) => scenario === one).map(({ id }) => id);
    const step = count === 1 ? cells.length : Math.max(1, (cells.length - 1) / (count - 1));
    return cells.filter((_, index) => index - Math.floor(index / step) * step < 1);
  });
}
