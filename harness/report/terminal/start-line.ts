import { plainLine } from '../plain-text.ts';
import type { RunStart } from '../reporter.ts';

const MOST_TARGETS = 3;

/** Line at the start of a run: `lastfin 0.1.0: 2 cases on proxy, seed 1, each in a network namespace of its own`. */
export function startLine({ lastfin, scenarios, targets, seed, lab, shard }: RunStart): string {
  const count = scenarios.length;
  const on = targets.length > MOST_TARGETS ? `${targets.length} targets` : targets.map(plainLine).join(', ');
  // a shard of a small suite may have no case
  const part = shard === undefined ? '' : ` of the shard ${shard.index}/${shard.of}`;
  const where =
    lab === undefined
      ? ''
      : lab.mode === 'none'
        ? ", on the machine's own network"
        : ', each in a network namespace of its own';
  return `lastfin ${lastfin}: ${count} ${count === 1 ? 'case' : 'cases'}${part}${on === '' ? '' : ` on ${on}`}, seed ${seed}${where}`;
}
