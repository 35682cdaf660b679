import { existsSync } from 'node:fs';
import path from 'node:path';

/** Nearest folder at or above `folder` with a package.json; `folder` itself if there is none. */
export function packageRoot(folder: string): string {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, 'package.json'))) return at;
    if (path.dirname(at) === at) return folder;
  }
}
