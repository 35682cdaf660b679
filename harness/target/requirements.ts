import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Want } from '../want.ts';
import { findProgram } from '../lab/system-tool.ts';
import { fillPlaceholders } from './target-placeholders.ts';
import type { Target } from './target-file.ts';

/**
 * Finds what a target needs and is not here; undefined when all is. Where all must be here (LASTFIN_REQUIRE_ALL=1) nothing is
 * looked for: its start says what is missing, as an error.
 */
export function missingRequirement(
  target: Pick<Target, 'requires' | 'places' | 'name'>,
): { reason: string; want: Want } | undefined {
  if (process.env['LASTFIN_REQUIRE_ALL'] === '1') return undefined;
  const places = new Map(Object.entries(target.places));
  const wanted = target.requires.map((text) =>
    fillPlaceholders(text, places, (name) => {
      throw new Error(`no {{${name}}} in \`requires\` of ${target.name}`);
    }),
  );
  const missing = wanted.find((one) =>
    one.includes('/') ? !existsSync(one) : findProgram(one) === undefined,
  );
  if (missing === undefined) return undefined;
  const what = missing.includes('/node_modules/') ? 'published npm proxies' : path.basename(missing);
  return {
    reason: `the target \`${target.name}\` needs ${missing}, which is not here`,
    want: { what, mend: 'npm run setup' },
  };
}
