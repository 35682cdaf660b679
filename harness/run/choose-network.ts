import type { NetworkKind } from '../lab/network.ts';

/**
 * What the cases of a run may stand on: `none`, the machine's own network; `single`, a namespace; `hosts`, the target apart from
 * its peers wherever the case does not ask for less; `auto`, a namespace, and in it what each case needs.
 */
export type LabMode = 'auto' | 'none' | 'single' | 'hosts';

/** The network for a case that needs `needed`, or why there is none for it. */
export function chooseNetwork(
  needed: NetworkKind | undefined,
  mode: LabMode,
  impossibleOn: (kind: NetworkKind) => string | undefined = () => undefined,
): { kind: NetworkKind } | { unfit: string } {
  const chosen = bestNetwork(needed, mode);
  if (!('unfit' in chosen)) return chosen;
  // with less than it needs, a case can still run where all its faults can be made with a lower fidelity
  const less = mode === 'single' ? 'single' : 'none';
  const why = impossibleOn(less);
  return why === undefined ? { kind: less } : { unfit: `${chosen.unfit} (${why})` };
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
