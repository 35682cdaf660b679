import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { isFolder } from '../../../shared/look-at-path.ts';

/**
 * Makes a folder and those above it. Node's own `recursive` never comes back from some places that refuse, such as /proc.
 *
 * @throws {Error} of the system, for the folder that cannot be made
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    // another process may have made it meanwhile
    if (!isFolder(folder)) throw error;
  }
}
