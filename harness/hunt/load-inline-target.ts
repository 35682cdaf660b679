import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { PACKAGE_ROOT } from '../../shared/package-root.ts';
import { findTargetFile } from '../targets/file/find-target-file.ts';
import { packageRoot } from '../targets/process/package-root.ts';
import { parseTarget, withAuthorities } from '../targets/file/target-file.ts';
import type { Target } from '../targets/file/target.ts';
import type { InlineTarget } from './inline-target.ts';

/** @throws LastfinError `LASTFIN_TARGET_INVALID` with every problem, `LASTFIN_USAGE` for a name that a target file has */
export function loadInlineTarget({ name = 'target', ...keys }: InlineTarget): Target {
  if (path.basename(name) !== name || !('problem' in findTargetFile(name, SHIPPED)))
    throw new LastfinError(
      'LASTFIN_USAGE',
      `target: the name \`${name}\` is a path or the name of a target that comes with lastfin: choose another one`,
    );
  const here = process.cwd();
  const places = { here, root: packageRoot(here), lastfin: PACKAGE_ROOT };
  // JSON is YAML: problems are told with their place in this text
  const text = JSON.stringify(
    { about: 'written in a test', kind: kindOf(keys.command), ...keys },
    undefined,
    2,
  );
  return { ...withAuthorities(parseTarget(text, { file: `the target \`${name}\``, places })), name };
}

function kindOf([program]: readonly (string | number)[] = []): 'node' | 'program' {
  return program === process.execPath || program === 'node' ? 'node' : 'program';
}

const SHIPPED = [path.join(PACKAGE_ROOT, 'scenarios')];
