import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PACKAGE_ROOT } from './package-root.ts';

const manifest = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
  version: string;
};

/** lastfin's own version. */
export const VERSION: string = manifest.version;
