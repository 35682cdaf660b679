import { isSpread } from '../../../shared/series/is-spread.ts';
import type { Evidence } from '../evidence.ts';

/** Fewest rounds that make a trend. */
const LEAST_ROUNDS = 4;
/** Least Kendall's tau of a leak: a sawtooth is below. */
const CERTAIN = 0.9;
/** Least share of the first half's growth that the second half must add: a leak goes on. */
const PACE = 0.6;

/** Whether memory certainly grows with the number of connections. */
export function growsForCertain({ memory }: Pick<Evidence, 'memory'>): boolean {
  const last = memory.at(-1);
  if (last === undefined) return false;
  if ((last.objects ?? []).length > 0) return true;
  if (memory.length < LEAST_ROUNDS) return false;
  const { before } = last;
  const series = [before, ...memory.map((one) => one.memory)];
  if (last.memory - before < last.least) return false;
  if (connectionsOf(memory) < (last.leastConnections ?? 0)) return false;
  if (last.memory - before < last.leastEach * connectionsOf(memory)) return false;
  if (kendall(series) < CERTAIN || !isSpread(series)) return false;
  const middle = series[Math.floor((series.length - 1) / 2)] ?? 0;
  return last.memory - middle >= PACE * (middle - before);
}

/** Connections of all larger rounds together. */
export function connectionsOf(memory: Evidence['memory']): number {
  return memory.reduce((sum, { connections }) => sum + connections, 0);
}

/** Kendall's tau against time, −1 to 1; 0 for fewer than two values. */
function kendall(series: readonly number[]): number {
  if (series.length < 2) return 0;
  let sum = 0;
  for (const [index, value] of series.entries()) {
    for (const later of series.slice(index + 1)) sum += Math.sign(later - value);
  }
  return (2 * sum) / (series.length * (series.length - 1));
}
