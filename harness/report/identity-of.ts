import path from 'node:path';

import type { Finding } from '../judge/verdict.ts';

/** Identity of a finding for known findings and comparisons: holds when lines move. */
export function identityOf({ identity, fingerprint }: Pick<Finding, 'identity' | 'fingerprint'>): string {
  return identity ?? fingerprint;
}

/** Name of a target in files that outlive a checkout: as it was given, without `./`; of an absolute path only the file. */
export function targetKey(target: string): string {
  return path.isAbsolute(target) ? path.basename(target) : path.normalize(target);
}
