import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import * as z from '../../shared/vendor/zod.ts';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { FINDING_KINDS } from '../resource.ts';
import { displayPath } from '../scenario/load/load-scenarios.ts';
import { type Problem, readTextOr, throwProblems } from '../../shared/yaml-file/problem.ts';
import { PART_NAMES } from './parts.ts';
import { readYaml } from '../../shared/yaml-file/read-checked.ts';

/** Folders of the sources that a mutant may change. */
const ROOMS = ['proxy', 'shared'];

const patch = z.strictObject({
  /** source file below the package root */
  file: z
    .string()
    .refine(
      (file) =>
        path.posix.normalize(file) === file &&
        ROOMS.includes(file.split('/')[0] ?? '') &&
        file.endsWith('.ts'),
      `must be a source of the reference proxy, such as proxy/connection/forwarder.ts: in ${ROOMS.join(', ')}, without \`..\``,
    ),
  /** text that stands in the source exactly once */
  find: z.string().min(1),
  replace: z.string(),
});

const mutantSchema = z.strictObject({
  about: z.string().min(1),
  /** part of the proxy that has the mistake: heading of docs/generated/proof.md */
  part: z.enum(PART_NAMES),
  /** name of this mistake in the documents that the proxy was built from, such as `Pattern 5` */
  pattern: z.string().optional(),
  patch: z.union([patch.transform((one) => [one]), z.array(patch).min(1)]),
  /** case ids, `*` for any text: these run first, in this order */
  cases: z.array(z.string().min(1)).min(1),
  /** properties of the expected finding */
  expect: z.strictObject({
    kind: z.enum(FINDING_KINDS),
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
  if (!existsSync(folder)) {
    const message = `no folder \`${folder}\`: mutants are files of the folder \`mutants\` below --root`;
    throw new LastfinError('LASTFIN_USAGE', message, { facts: { folder } });
  }
  const problems: Problem[] = [];
  const mutants: Mutant[] = [];
  for (const name of readdirSync(folder)
    .filter((entry) => entry.endsWith('.yaml'))
    .toSorted()) {
    const file = displayPath(path.join(folder, name));
    const text = readTextOr(problems, path.join(folder, name), file);
    if (text === undefined) continue;
    const read = readYaml(file, text, { schema: mutantSchema });
    if (read.ok) mutants.push({ ...read.value, id: name.replace(/\.yaml$/, ''), file });
    else problems.push(...read.problems);
  }
  throwProblems('LASTFIN_SCENARIO_INVALID', problems);
  return mutants;
}
