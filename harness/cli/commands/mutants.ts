import { availableParallelism } from 'node:os';
import path from 'node:path';

import { Command } from '../../../shared/vendor/commander.ts';

import { plainLine } from '../../report/plain-text.ts';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { judge } from '../../judge/judge.ts';
import { concurrently } from '../../../shared/concurrently.ts';
import { examineMachine } from '../../lab/machine.ts';
import { PACKAGE_ROOT } from '../../../shared/package-root.ts';
import { loadMutants, type Mutant } from '../../mutants/mutant-file.ts';
import { casesOf, type MutantResult, runMutant } from '../../mutants/run-mutant.ts';
import { abilitiesToTry, admitAll, type Admitted } from '../../run/admission/admissions.ts';
import type { LabMode } from '../../lab/lab-mode.ts';
import { WorkerPool } from '../../run/workers/worker-pool.ts';
import type { WorkerOptions } from '../../run/workers/worker-protocol.ts';
import { casePattern } from '../../scenario/case-pattern.ts';
import { closest } from '../../../shared/yaml-file/did-you-mean.ts';
import { huntGenerated } from './generated-mutants.ts';
import { interruptible } from '../process/interruption.ts';
import { chooseLab } from '../../suite/choose-lab.ts';
import { labOption } from '../options/lab.ts';
import { mutated, REFERENCE_PROXY } from '../mutated-target.ts';
import { onTarget } from '../../suite/on-target.ts';
import { selectCases } from '../../suite/select-cases.ts';
import { positiveInteger } from '../options/selection.ts';
import { VERSION } from '../../../shared/version.ts';

type MutantOptions = {
  jobs: number;
  all: boolean;
  root?: string;
  lab: LabMode;
  generated: boolean;
  sample: number;
  seed: number;
  most: number;
  case: string[];
  limit: number;
};

export const mutantsCommand = new Command('mutants')
  .description(
    'Proves that lastfin finds defects: runs cases against copies of the reference proxy with one mistake each.',
  )
  .argument('[ids...]', 'hunt only these mutants; `*` stands for any text')
  .option(
    '-j, --jobs <n>',
    'hunt this many mutants at the same time',
    positiveInteger,
    availableParallelism() + 1,
  )
  .option('--all', 'if the named cases miss a mutant, run the rest of the suite', false)
  .option(
    '--root <folder>',
    'take scenarios and mutants from this folder (default: those that come with lastfin)',
  )
  .option(
    '--generated',
    'try mistakes made by rule (drop a statement, negate a condition, change a constant) in place of the written mutants, and tell which no case notices; ids are then parts of file names',
    false,
  )
  .option('--sample <n>', 'number of generated mutants to try', positiveInteger, 50)
  .option('--seed <n>', 'seed by which they are chosen', positiveInteger, 1)
  .option(
    '-c, --case <id...>',
    'hunt generated mutants with these cases only, or all cases of these scenarios; `*` stands for any text',
    [],
  )
  .option('--most <n>', 'run at most this many cases for each generated mutant', positiveInteger, 12)
  .option('--limit <minutes>', 'begin no other generated mutant after this time', positiveInteger, 30)
  .addOption(labOption())
  .action(async (names: string[], options: MutantOptions) => {
    // the patches fit the sources of this very package
    const root = options.root ?? path.join(PACKAGE_ROOT, 'scenarios');
    const mutants = options.generated ? [] : choose(loadMutants(path.join(root, 'mutants')), names);
    const { mode } = await chooseLab(options.lab);
    const ids = options.generated ? options.case : [];
    const chosen = selectCases([], { root, case: ids, asWritten: true }).map(onTarget);
    const machine = await examineMachine(abilitiesToTry(chosen));
    const { admitted } = admitAll(chosen, { mode, machine, lastfin: VERSION });
    const suite = admitted.filter(({ target }) => target.command.includes(REFERENCE_PROXY));
    const workers: WorkerOptions = {
      seed: 1,
      toxiproxy: 'embedded',
      lab: mode,
      lacks: machine.lacks,
      series: false,
      lastfin: VERSION,
    };
    if (options.generated) return hunt(suite, names, options, workers);
    const hunts = mutants.map((mutant) => ({ mutant, cases: casesOf(mutant, suite, options.all) }));
    const interruption = interruptible();
    // loaded only here: the compiler is large
    const { buildMutants } = await import('../../mutants/build-mutants.ts');
    const builds = await buildMutants(mutants);
    const pool = new WorkerPool(workers, interruption.signal);
    const results: MutantResult[] = [];
    try {
      await concurrently(options.jobs, hunts, async ({ mutant, cases }) => {
        const base = builds.folderOf(mutant.id);
        const result = await runMutant(mutant, cases, async ({ testCase, target, network }) =>
          judge(await pool.run(testCase, mutated(target, base), network, { base })),
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

/** Hunts mutants that are made by rule. Survivors are no failure: some change nothing that can be seen. */
async function hunt(
  suite: readonly Admitted[],
  parts: readonly string[],
  { limit, ...options }: MutantOptions,
  workers: WorkerOptions,
): Promise<void> {
  const interruption = interruptible();
  const pool = new WorkerPool(workers, interruption.signal);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const { noticed, tried } = await huntGenerated(
      suite,
      pool,
      { ...options, parts, limit: limit * 60_000 },
      say,
    );
    say(
      `\n${noticed} of ${tried} generated mutants noticed (${Math.round((100 * noticed) / Math.max(1, tried))}%)`,
    );
  } finally {
    await pool.close();
    interruption.dispose();
  }
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

/** Hint for an unknown mutant: the closest name, or some of the many names. */
function instead(id: string, names: readonly string[]): string {
  const meant = closest(id, names);
  if (meant !== undefined) return `; did you mean \`${meant}\`?`;
  return `; there are ${names.length}, such as ${names.slice(0, 3).join(', ')}: each is a file of \`mutants\` in the folder of scenarios`;
}

function progress({ id, outcome, by, took }: MutantResult): string {
  const what = by === undefined ? '' : `  ${plainLine(by.case)}: ${plainLine(by.message)}`;
  return `${outcome.padEnd(9)} ${id} (${(took / 1000).toFixed(1)} s)${what}`;
}
