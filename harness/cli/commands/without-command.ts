import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { FILES } from '../../init/texts.ts';
import { PACKAGE_ROOT } from '../../../shared/package-root.ts';

/** Text for `npx lastfin` without a command: the next steps in this folder. */
export function withoutCommand(folder: string): string {
  return `lastfin runs a proxy or server through real network faults and proves that nothing is left behind.\n\n${nextStep(folder)}\n\n  npx lastfin --help    all commands\n`;
}

function nextStep(folder: string): string {
  if (existsSync(path.join(folder, FILES.target)))
    return `${FILES.target} says how to start the program of this folder:\n\n  npx lastfin run       runs the suite on it`;
  if (realpathSync(folder) === realpathSync(PACKAGE_ROOT))
    return "This is lastfin's own checkout:\n\n  npm run chaos         runs the suite on the reference proxy";
  return `There is no ${FILES.target} here yet:\n\n  npx lastfin init      writes one for the program of this folder, and runs three cases`;
}
