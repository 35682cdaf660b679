import { stepsOf } from './steps-of.ts';

/**
 * Least share of all growth that is left without the largest step. A leak adds in each round, and a table that doubles leaves nearly half;
 * a heap that V8 once makes larger by 4 MiB, as in Node 26, leaves next to nothing.
 */
const LEAST_SHARE = 0.4;

/**
 * Whether memory has grown in more than one step. Whoever watches memory and whoever judges it must agree, or the watch would end before
 * there is anything to judge.
 *
 * @param series memory before the first round and after each, in any unit
 */
export function isSpread(series: readonly number[]): boolean {
  const grown = (series.at(-1) ?? 0) - (series[0] ?? 0);
  return grown > 0 && grown - Math.max(...stepsOf(series)) >= LEAST_SHARE * grown;
}
