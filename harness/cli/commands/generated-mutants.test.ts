import { expect, test } from 'vitest';

import { readSources } from '../../mutants/build-mutants.ts';
import { NOT_MUTATED } from './generated-mutants.ts';

const sources = [...(await readSources()).keys()];

test.each(NOT_MUTATED)('%s, which is not mutated, has sources', (left) => {
  expect(sources.filter((file) => file.startsWith(left))).not.toHaveLength(0);
});
