import type { CaseResult } from '../../judge/verdict.ts';
import type { SelectionOptions } from './selection.ts';

/** The exact command that runs just this case again, with the same seed and target. */
export function rerunCommand(
  { id, kind, source }: Pick<CaseResult, 'id' | 'kind' | 'source'>,
  {
    seed,
    target,
    route,
    root,
    toxiproxy,
    lab,
    requireFidelity,
    pid,
  }: Pick<SelectionOptions, 'seed' | 'target' | 'route' | 'root'> & {
    toxiproxy?: string;
    lab?: string;
    requireFidelity?: string;
    pid?: number;
  },
): string {
  return [
    'npx lastfin run',
    // the shipped suite is found by its ids, wherever the command is pasted
    ...(kind === 'own' ? [quote(source.file)] : []),
    ...(root === undefined ? [] : [`--root ${quote(root)}`]),
    `--case ${quote(id)}`,
    `--seed ${seed}`,
    ...(target === undefined ? [] : [`--target ${quote(target)}`]),
    ...(route === undefined ? [] : [`--route ${quote(route)}`]),
    ...(toxiproxy === undefined || toxiproxy === 'embedded' ? [] : [`--toxiproxy ${quote(toxiproxy)}`]),
    ...(pid === undefined ? [] : [`--pid ${pid}`]),
    ...(lab === undefined || lab === 'auto' ? [] : [`--lab ${lab}`]),
    ...(requireFidelity === undefined ? [] : [`--require-fidelity ${requireFidelity}`]),
  ].join(' ');
}

function quote(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
