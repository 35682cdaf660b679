import path from 'node:path';

import type { Target } from '../targets/file/target.ts';

/** Program that the targets of the reference proxy run. */
export const REFERENCE_PROXY = '{{lastfin}}/dist/proxy/cli/main.js';

/** The reference proxy's target with the compiled files of another folder, a mutant's copy. */
export function mutated(target: Target, folder: string): Target {
  const original = '{{lastfin}}/dist/';
  const command = target.command.map((word) =>
    word.startsWith(original) ? path.join(folder, word.slice(original.length)) : word,
  );
  return { ...target, command };
}
