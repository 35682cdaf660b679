/**
 * Share that the tests try of programs, cells and attacks that are alike, by `LASTFIN_TEST_CELLS`: `all`, some (the default), or `few`,
 * for a run that others follow.
 */
const WANTED = process.env['LASTFIN_TEST_CELLS'];
export const areAll = WANTED === 'all';
export const areFew = WANTED === 'few';

/** Place in a list from which one is taken, and how far it is to the next. */
export type Share = { one: number; in: number };

/** Takes a share of a list, or the whole list where all is wanted. Shares that begin at different places make up the list together. */
export function shareOf<T>(list: readonly T[], share: Share): T[] {
  return list.filter((_, index) => areAll || (index + share.one) % share.in === 0);
}

/** Number of a run, by `LASTFIN_TEST_TURN`: three in turn, in which few are wanted, try everything. */
const TURN = Number(process.env['LASTFIN_TEST_TURN'] ?? 0);
const THIRD: Share = { one: TURN % 3, in: 3 };

/** Takes a third of a list where few are wanted, else all. */
export function someOf<T>(list: readonly T[]): T[] {
  return areFew ? shareOf(list, THIRD) : [...list];
}
