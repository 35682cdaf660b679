import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder at or above `folder` with a package.json; `folder` itself where there is none. */
export function packageRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (dirname(at) === at) return folder;
  }
}

/** The folder of lastfin's own package, whether it runs from its sources or from `dist`. */
export const lastfinRoot = (): string => packageRoot(dirname(fileURLToPath(import.meta.url)));
