import { existsSync } from 'node:fs';

import { findProgram } from '../lab/system-tool.ts';
import { fillPlaceholders } from './target-placeholders.ts';
import type { Target } from './target-file.ts';

/**
 * What a target needs and is not here, in words; undefined when all is. Where all must be here (LASTFIN_REQUIRE_ALL=1) nothing is
 * looked for: its start says what is missing, as an error.
 */
export function missingRequirement(target: Pick<Target, 'requires' | 'places' | 'name'>): string | undefined {
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
  return missing === undefined
    ? undefined
    : `the target \`${target.name}\` needs ${missing}, which is not here; \`npm run setup\` adds it`;
}
