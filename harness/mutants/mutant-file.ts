import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import * as z from '../../vendor/zod.ts';

import { displayPath } from '../scenario/load-scenarios.ts';
import { type Problem, throwProblems } from '../../yaml-file/problem.ts';
import { readYaml } from '../../yaml-file/read-checked.ts';

const patch = z.strictObject({
  /** source file below the package root */
  file: z.string().min(1),
  /** text that stands there exactly once */
  find: z.string().min(1),
  replace: z.string(),
});

const mutantSchema = z.strictObject({
  about: z.string().min(1),
  /** the mistake of the seed documents that this is, such as `Pattern 5` */
  seed: z.string().optional(),
  patch: z.union([patch.transform((one) => [one]), z.array(patch).min(1)]),
  /** case ids, `*` for any text: these run first, in this order */
  cases: z.array(z.string().min(1)).min(1),
  /** what a finding must say to count as the one */
  expect: z.strictObject({
    kind: z.enum([
      'leak',
      'termination',
      'seen',
      'law',
      'step',
      'recovery',
      'drain',
      'crash',
      'no-exit',
      'obstruction',
    ]),
    resource: z.string().optional(),
    /** file that the finding must name */
    where: z.string().optional(),
    /** text that the finding's message must have */
    says: z.string().optional(),
  }),
});

/** A copy of the reference proxy with one mistake, and the finding that must give it away. */
export type Mutant = z.output<typeof mutantSchema> & { id: string; file: string };

/** All mutants of a folder, by id. Throws `LASTFIN_SCENARIO_INVALID` with every problem of every file. */
export function loadMutants(folder: string): Mutant[] {
  const problems: Problem[] = [];
  const mutants: Mutant[] = [];
  for (const name of readdirSync(folder)
    .filter((entry) => entry.endsWith('.yaml'))
    .toSorted()) {
    const file = displayPath(path.join(folder, name));
    const read = readYaml(file, readFileSync(path.join(folder, name), 'utf8'), { schema: mutantSchema });
    if (read.ok) mutants.push({ ...read.value, id: name.replace(/\.yaml$/, ''), file });
    else problems.push(...read.problems);
  }
  throwProblems('LASTFIN_SCENARIO_INVALID', problems);
  return mutants;
}
