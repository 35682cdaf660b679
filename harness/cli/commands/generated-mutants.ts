import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { judge } from '../../judge/judge.ts';
import { temporaryFolder } from '../../../shared/temporary-folder.ts';
import { concurrently } from '../../../shared/concurrently.ts';
import {
  type GeneratedResult,
  casesFor,
  huntMutation,
  type Reached,
  sampleOf,
} from '../../mutants/hunt-generated.ts';
import type { Admitted } from '../../run/admission/admissions.ts';
import type { WorkerPool } from '../../run/workers/worker-pool.ts';
import { mutated } from '../mutated-target.ts';

/** Folders and files that are not mutated: mistakes in reading a command line or a file are for unit tests, as are kernel routes. */
export const NOT_MUTATED = [
  'proxy/cli/',
  'proxy/config/',
  'proxy/limits/',
  'proxy/nftables/',
  'proxy/settings.ts',
] as const;

export type GeneratedOptions = {
  jobs: number;
  sample: number;
  seed: number;
  /** most cases for each mutation */
  most: number;
  /** time after which no other mutation is begun, ms */
  limit: number;
  /** parts of the names of the sources to mutate; none: all */
  parts: readonly string[];
};

/**
 * Mutates the reference proxy by rule, and tells which mutations no case notices: one run of the suite on the unchanged proxy says which
 * cases run which lines, and each mutation gets only cases that run its line.
 *
 * @returns how many were noticed, and of how many
 */
export async function huntGenerated(
  suite: readonly Admitted[],
  pool: WorkerPool,
  { jobs, sample, seed, most, limit, parts }: GeneratedOptions,
  say: (line: string) => void,
): Promise<{ noticed: number; tried: number }> {
  // only here: both are large, and every command would load them
  const { buildCopies, readSources } = await import('../../mutants/build-mutants.ts');
  const { loadParser } = await import('../../mutants/parse-source.ts');
  const { mutate, mutationsOf } = await import('../../mutants/mutations.ts');
  const parse = await loadParser();
  const sources = await readSources();
  const all = [...sources].flatMap(([file, text]) =>
    file.startsWith('proxy') &&
    !NOT_MUTATED.some((left) => file.startsWith(left)) &&
    (parts.length === 0 || parts.some((part) => file.includes(part)))
      ? mutationsOf(file, text, parse(text, file))
      : [],
  );
  const chosen = sampleOf(all, sample, seed);
  const changed = new Map(
    chosen.map((mutation, index) => [
      String(index),
      new Map([[mutation.file, mutate(sources.get(mutation.file) ?? '', mutation)]]),
    ]),
  );
  const builds = await buildCopies(sources, new Map([...changed, [UNCHANGED, new Map()]]));
  const results: GeneratedResult[] = [];
  try {
    const start = performance.now();
    const reached = await reachedBy(suite, pool, jobs, builds.folderOf(UNCHANGED));
    say(
      `${reached.length} of ${suite.length} cases pass on the unchanged proxy (${seconds(start)}); ${all.length} mutations, ${chosen.length} are tried`,
    );
    const until = performance.now() + limit;
    await concurrently(jobs, [...chosen.entries()], async ([index, mutation]) => {
      if (performance.now() > until) return;
      const base = builds.folderOf(String(index));
      const result = await huntMutation(
        mutation,
        casesFor(mutation, reached, most),
        until,
        async ({ testCase, target, network }) =>
          judge(await pool.run(testCase, mutated(target, base), network, { base })),
      );
      results.push(result);
      if (result.outcome !== 'noticed') say(lineOf(result));
    });
  } finally {
    await builds.remove();
  }
  const noticed = results.filter(({ outcome }) => outcome === 'noticed').length;
  if (results.length < chosen.length)
    say(`${chosen.length - results.length} were not tried: the time was over`);
  return { noticed, tried: results.length };
}

const UNCHANGED = 'unchanged';

/** Runs the suite on the unchanged proxy, and reads what each case that passes runs of it. */
async function reachedBy(
  suite: readonly Admitted[],
  pool: WorkerPool,
  jobs: number,
  base: string,
): Promise<Reached<Admitted>[]> {
  const { readCoverage } = await import('../../mutants/coverage.ts');
  const work = temporaryFolder('coverage');
  const reached: Reached<Admitted>[] = [];
  try {
    await concurrently(jobs, [...suite.entries()], async ([index, one]) => {
      const folder = path.join(work, String(index));
      await mkdir(folder);
      const { environment, ...target } = mutated(one.target, base);
      const covered = { ...target, environment: { ...environment, NODE_V8_COVERAGE: folder } };
      const { verdict, took } = judge(await pool.run(one.testCase, covered, one.network, { base }));
      if (verdict === 'passed') reached.push({ one, took, ran: await readCoverage(folder, base) });
      await rm(folder, { recursive: true, force: true });
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return reached;
}

function lineOf({ mutation: { file, line, what }, outcome, cases, reaching }: GeneratedResult): string {
  const tried = outcome === 'unreached' ? 'no case runs it' : `${cases} of ${reaching} cases that run it`;
  return `${outcome.padEnd(9)} ${file}:${line} ${what} (${tried})`;
}

const seconds = (since: number): string => `${Math.round((performance.now() - since) / 1000)} s`;
