import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Nearest folder at or above `folder` with a package.json; `folder` itself if there is none. */
export function packageRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (dirname(at) === at) return folder;
  }
}
