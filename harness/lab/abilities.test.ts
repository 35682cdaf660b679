import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { ABILITIES, ALL_ABILITIES } from './abilities.ts';

const page = readFileSync('docs/lab.md', 'utf8');

test.each(ALL_ABILITIES)(
  'docs/lab.md says what `%s` needs, and what becomes of cases without it',
  (ability) => {
    const { what, tools, fix, without } = ABILITIES[ability];
    const needs = [...tools.map((tool) => `\`${tool}\``), fix].join(', ');
    expect(page).toContain(`### ${what}\n\n- **Needs:** ${needs}\n- **Without it:** ${without}\n`);
  },
);
