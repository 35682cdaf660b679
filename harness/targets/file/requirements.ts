import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Ability } from '../../lab/abilities.ts';
import type { Lacks } from '../../lab/machine.ts';
import type { Want } from '../../want.ts';
import { findProgram } from '../../lab/system-tool.ts';
import { fillPlaceholders } from './target-placeholders.ts';
import type { Target } from './target.ts';

/** Programs that must work, not just exist: the abilities that a target needs from them. */
const ABILITY_OF: Readonly<Partial<Record<string, Ability>>> = { nft: 'nft-nat', conntrack: 'conntrack' };

/** Abilities that a target requires of the machine. */
export function requiredAbilities({ requires }: Pick<Target, 'requires'>): Ability[] {
  return requires.flatMap((name) => ABILITY_OF[name] ?? []);
}

/** Options of Node whose permission model denies a program, and so the probe in it, the inspector. */
const PERMISSION = /^--(?:experimental-)?permission$/;

/** Reason why no probe can look at a Node target: its permission model denies the inspector. Undefined if it does not. */
export function deniedInspector({
  kind,
  command,
  name,
}: Pick<Target, 'kind' | 'command' | 'name'>): { reason: string; want: Want } | undefined {
  const option = kind === 'node' ? command.find((word) => PERMISSION.test(word)) : undefined;
  if (option === undefined) return undefined;
  return {
    reason: `the target \`${name}\` runs with ${option}, which keeps the probe from the inspector of Node`,
    want: {
      what: `Node without ${option}`,
      fix: `leave ${option} out of the target file's command, or say \`kind: program\` there: it is looked at from outside then`,
    },
  };
}

/** Finds a missing requirement of a target; undefined if all are met. */
export function missingRequirement(
  target: Pick<Target, 'requires' | 'places' | 'name'>,
  lacks: Lacks,
): { reason: string; want: Want } | undefined {
  const places = new Map(Object.entries(target.places));
  for (const required of target.requires) {
    const ability = ABILITY_OF[required];
    const want = ability === undefined ? undefined : lacks[ability];
    if (want !== undefined) {
      return { reason: `the target \`${target.name}\` needs ${required}, which does not work here`, want };
    }
    const missing = fillPlaceholders(required, places, (name) => {
      throw new Error(`no {{${name}}} in \`requires\` of ${target.name}`);
    });
    if (missing.includes('/') ? existsSync(missing) : findProgram(missing) !== undefined) continue;
    return {
      reason: `the target \`${target.name}\` needs ${missing}, which is not here`,
      want: wantOf(missing),
    };
  }
  return undefined;
}

/** Folder that is filled by a command, as the file beside it says. */
type Filled = { folder: string; by: string; what: string; command: (at: string) => string };

/** Kinds of such folders; lastfin itself may be installed in a `node_modules`, which is looked for last. */
const FILLED: readonly Filled[] = [
  {
    folder: 'built',
    by: 'go.mod',
    what: 'gateways in Go',
    command: (at) => `go build -C ${at} -trimpath -o built/ .`,
  },
  {
    folder: 'built',
    by: 'requirements.txt',
    what: 'gateways in wheels',
    command: (at) => `pip install --no-deps --target ${at}/built -r ${at}/requirements.txt`,
  },
  {
    folder: 'node_modules',
    by: '',
    what: 'published npm proxies',
    command: (at) => `npm ci --prefix ${at}`,
  },
];

/** Way to add a missing file: a file of a package is installed or built as its folder says. */
function wantOf(missing: string): Want {
  for (const { folder, by, what, command } of FILLED) {
    const at = missing.lastIndexOf(`/${folder}/`);
    if (at === -1 || (by !== '' && !existsSync(path.join(missing.slice(0, at), by)))) continue;
    const from = path.relative('', missing.slice(0, at)) || '.';
    return { what, fix: `install them: ${command(/^[\w@+,./-]+$/.test(from) ? from : `'${from}'`)}` };
  }
  return { what: path.basename(missing), fix: `install ${path.basename(missing)}` };
}
