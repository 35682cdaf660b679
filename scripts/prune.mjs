import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Removes outputs whose source is gone: they would go into the package, and hide imports of files that have moved. */
export function prune(outputs, sources, keep = new Set()) {
  for (const file of readdirSync(outputs, { recursive: true })) {
    const name = /^(.*?)(?:\.d\.ts|\.js|\.js\.map)$/.exec(file)?.[1];
    const hasSource = existsSync(path.join(sources, `${name}.ts`));
    if (name !== undefined && !hasSource && !keep.has(file)) rmSync(path.join(outputs, file));
  }
}
