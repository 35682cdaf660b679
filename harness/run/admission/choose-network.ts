import type { LabMode } from '../../lab/lab-mode.ts';
import type { Gap } from '../../faults/fidelity.ts';
import type { NetworkKind } from '../../lab/network/network.ts';

/** Network for a case, or why there is none; `forMode`: only the chosen lab (`--lab`) stands in the way. */
type Choice = { kind: NetworkKind } | (Gap & { forMode: boolean });

/**
 * Chooses the network for a case: the one that it needs, or a lesser one where all its faults can be made there, if less real.
 *
 * @param needed the least network in which the kernel can make its faults
 * @param gapOn why the case cannot run on such a network
 */
export function chooseNetwork(
  needed: NetworkKind | undefined,
  mode: LabMode,
  gapOn: (kind: NetworkKind) => Gap | undefined,
): Choice {
  const best = bestNetwork(needed, mode);
  const first = 'kind' in best ? gapOn(best.kind) : { reason: best.unfit };
  if ('kind' in best && first === undefined) return best;
  let last: Gap | undefined;
  for (const kind of lesserThan('kind' in best ? best.kind : undefined, mode)) {
    last = gapOn(kind);
    if (last === undefined) return { kind };
  }
  if ('kind' in best) return { ...(first ?? { reason: 'it cannot run here' }), forMode: false };
  const reason = last === undefined ? best.unfit : `${best.unfit} (${last.reason})`;
  return { reason, forMode: true, ...(last?.want === undefined ? {} : { want: last.want }) };
}

/** Networks to try where the best one will not do; a mode that names one goes no further down than it says. */
function lesserThan(best: NetworkKind | undefined, mode: LabMode): readonly NetworkKind[] {
  if (mode === 'single') return best === 'single' ? [] : ['single'];
  if (mode !== 'auto') return best === 'none' ? [] : ['none'];
  return best === 'single' ? ['none'] : ['single', 'none'];
}

function bestNetwork(
  needed: NetworkKind | undefined,
  mode: LabMode,
): { kind: NetworkKind } | { unfit: string } {
  switch (mode) {
    case 'auto':
      return { kind: needed ?? 'single' };
    case 'hosts':
      return { kind: needed ?? 'hosts' };
    case 'single':
      if (needed === undefined || needed === 'single') return { kind: 'single' };
      return { unfit: `it needs cables between hosts (\`${needed}\`), and \`--lab single\` has none` };
    default:
      if (needed === undefined) return { kind: 'none' };
      return {
        unfit: `it needs a network of its own (\`${needed}\`); \`lastfin doctor\` says what is missing`,
      };
  }
}
