import { availableParallelism } from 'node:os';
import path from 'node:path';

import { Command } from '../../vendor/commander.ts';

import { LastfinError } from '../../errors/lastfin-error.ts';
import { judge } from '../judge/judge.ts';
import { concurrently } from '../lab/concurrently.ts';
import { examineMachine } from '../lab/machine.ts';
import { PACKAGE_ROOT } from '../lab/package-root.ts';
import { loadMutants, type Mutant } from '../mutants/mutant-file.ts';
import { casesOf, type MutantResult, runMutant } from '../mutants/run-mutant.ts';
import { abilitiesToTry, admitAll } from '../run/admissions.ts';
import type { LabMode } from '../run/choose-network.ts';
import { WorkerPool } from '../run/worker-pool.ts';
import { casePattern } from '../scenario/case-pattern.ts';
import { closest } from '../../yaml-file/did-you-mean.ts';
import type { Target } from '../target/target-file.ts';
import { interruptible } from './interruption.ts';
import { chooseLab, labOption } from './lab.ts';
import { positiveInteger, select } from './selection.ts';
import { VERSION } from './version.ts';

type MutantOptions = { jobs: number; all: boolean; root?: string; lab: LabMode };

export const mutantsCommand = new Command('mutants')
  .description(
    'Proves that lastfin hunts: runs cases against copies of the reference proxy with one mistake each.',
  )
  .argument('[ids...]', 'only these mutants; `*` stands for any text')
  .option('-j, --jobs <n>', 'mutants under way at once', positiveInteger, availableParallelism() + 1)
  .option('--all', 'where the named cases do not give a mutant away, the rest of the suite, too', false)
  .option('--root <folder>', 'folder of scenarios and mutants; by default those that come with lastfin')
  .addOption(labOption())
  .action(async (ids: string[], options: MutantOptions) => {
    // the patches fit the sources of this very package
    const root = options.root ?? path.join(PACKAGE_ROOT, 'scenarios');
    const mutants = choose(loadMutants(path.join(root, 'mutants')), ids);
    const { mode } = await chooseLab(options.lab);
    const { chosen } = select([], { root, case: [], seed: 1, asWritten: true });
    const machine = await examineMachine(abilitiesToTry(chosen));
    const { admitted } = admitAll(chosen, { mode, machine, lastfin: VERSION });
    const suite = admitted.filter(({ target }) => target.command.includes(REFERENCE_PROXY));
    const hunts = mutants.map((mutant) => ({ mutant, plans: casesOf(mutant, suite, options.all) }));
    const interruption = interruptible();
    // only here: the compiler is large, and every command would load it
    const { buildMutants } = await import('../mutants/build-mutants.ts');
    const builds = await buildMutants(mutants);
    const pool = new WorkerPool(
      { seed: 1, toxiproxy: 'embedded', lab: mode, lacks: machine.lacks, lastfin: VERSION },
      interruption.signal,
    );
    const results: MutantResult[] = [];
    try {
      await concurrently(options.jobs, hunts, async ({ mutant, plans }) => {
        const base = builds.folderOf(mutant.id);
        const result = await runMutant(mutant, plans, async ({ plan, target, network }) =>
          judge(await pool.run(plan, mutated(target, base), network, { base })),
        );
        results.push(result);
        process.stdout.write(`${progress(result)}\n`);
      });
    } finally {
      await pool.close();
      await builds.remove();
      interruption.dispose();
    }
    const found = results.filter(({ outcome }) => outcome === 'found');
    process.stdout.write(
      `\n${found.length} of ${mutants.length} mutants found by the finding that names them\n`,
    );
    process.exitCode = found.length === mutants.length ? 0 : 1;
  });

/** What the targets that are the reference proxy run. */
const REFERENCE_PROXY = '{{lastfin}}/dist/proxy/main.js';

/** The reference proxy's target, but for the folder of the compiled files. */
function mutated(target: Target, folder: string): Target {
  const original = '{{lastfin}}/dist/';
  const command = target.command.map((word) =>
    word.startsWith(original) ? path.join(folder, word.slice(original.length)) : word,
  );
  return { ...target, command };
}

function choose(all: readonly Mutant[], ids: readonly string[]): Mutant[] {
  if (ids.length === 0) return [...all];
  const names = all.map(({ id }) => id);
  for (const id of ids) {
    if (!names.some(casePattern(id)))
      throw new LastfinError('LASTFIN_USAGE', `no mutant \`${id}\`${instead(id, names)}`);
  }
  return all.filter((mutant) => ids.some((id) => casePattern(id)(mutant.id)));
}

/** The name that was meant, or how to see some of the many names. */
function instead(id: string, names: readonly string[]): string {
  const meant = closest(id, names);
  if (meant !== undefined) return `; did you mean \`${meant}\`?`;
  return `; there are ${names.length}, such as ${names.slice(0, 3).join(', ')}: each is a file of \`mutants\` in the folder of scenarios`;
}

function progress({ id, outcome, by, took }: MutantResult): string {
  const what = by === undefined ? '' : `  ${by.case}: ${by.message}`;
  return `${outcome.padEnd(9)} ${id} (${(took / 1000).toFixed(1)} s)${what}`;
}
