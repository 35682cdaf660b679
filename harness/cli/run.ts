import { availableParallelism } from 'node:os';

import { Command, Option } from '../../vendor/commander.ts';

import { LastfinError } from '../../errors/lastfin-error.ts';
import { journalPath } from '../../reports/journal-file.ts';
import type { Reporter } from '../../reports/reporter.ts';
import { buildReport, type ReportedCase, type RunReport } from '../../reports/run.ts';
import { TerminalReporter } from '../../reports/terminal.ts';
import { FilesReporter } from '../../reports/write-reports.ts';
import { judge } from '../judge/judge.ts';
import { joinAttempts } from '../judge/retries.ts';
import { tally } from '../judge/tally.ts';
import { FIDELITIES } from '../judge/fidelity.ts';
import type { CaseResult } from '../judge/verdict.ts';
import { concurrently } from '../lab/concurrently.ts';
import { examineMachine } from '../lab/machine.ts';
import { abilitiesToTry, type Admitted, admitAll, type NotApplicable } from '../run/admissions.ts';
import type { LabMode } from '../run/choose-network.ts';
import type { Entry } from '../run/journal.ts';
import { WorkerPool } from '../run/worker-pool.ts';
import { wouldRun } from '../run/would-run.ts';
import type { Fidelity } from '../scenario/scenario.ts';
import { loadTarget } from '../target/target-file.ts';
import { type Interruption, interruptible } from './interruption.ts';
import { chooseLab, labOption } from './lab.ts';
import { labOfRunning, onRunning, onStarted } from './attached.ts';
import { positiveInteger, select, type Selected, type Selection, selectionOptions } from './selection.ts';
import { rerunCommand } from './rerun-command.ts';
import { VERSION } from './version.ts';

type RunOptions = Selection & {
  jobs: number;
  repeat: number;
  retries: number;
  out: string;
  toxiproxy: string;
  lab: LabMode;
  requireFidelity?: Fidelity;
  pid?: number;
};

/** Cases wait for timers, drains and the kernel as much as they compute: two a core, and two for those that only wait. */
const DEFAULT_JOBS = 2 * availableParallelism() + 2;

export const runCommand = new Command('run')
  .description('Runs scenarios against a target and reports what was left behind.')
  .argument('[paths...]', 'scenario files or folders (default: the whole scenarios root)')
  .option('-j, --jobs <n>', 'cases under way at once', positiveInteger, DEFAULT_JOBS)
  .option(
    '--repeat <n>',
    'run each case this many times; failing only sometimes makes it flaky',
    positiveInteger,
    1,
  )
  .option('--retries <n>', 'run a failing case up to this many times more', positiveInteger, 0)
  .option('--out <folder>', 'where runs/ and latest are written', 'reports')
  .addOption(
    new Option(
      '--toxiproxy <which>',
      '`embedded`, `real` (LASTFIN_TOXIPROXY_BIN or `toxiproxy-server` on the PATH), or a URL',
    )
      .default('embedded')
      .argParser(toxiproxyOf),
  )
  .action(async (paths: string[], options: RunOptions) => {
    const chosen = select(paths, options);
    const selected = options.pid === undefined ? onStarted(chosen) : onRunning(chosen, options.pid);
    const interruption = interruptible();
    try {
      process.exitCode = await run(selected, options, interruption);
    } finally {
      interruption.dispose();
    }
  });
runCommand.option(
  '--pid <n>',
  'look at this running process (its target file says `attach`): it is neither started nor stopped',
  positiveInteger,
);
runCommand.addOption(labOption());
runCommand.addOption(
  new Option(
    '--require-fidelity <fidelity>',
    'findings for faults that are less real than this although they can be more, and for cases that are skipped for it',
  ).choices(FIDELITIES),
);
for (const option of selectionOptions()) runCommand.addOption(option);

/** @throws LastfinError `LASTFIN_USAGE` for what is neither a word we know nor an address */
function toxiproxyOf(value: string): string {
  if (value === 'embedded' || value === 'real' || /^https?:\/\//.test(value)) return value;
  throw new LastfinError('LASTFIN_USAGE', `--toxiproxy is \`embedded\`, \`real\` or a URL, not \`${value}\``);
}

async function run(selected: Selected, options: RunOptions, { signal }: Interruption): Promise<number> {
  const started = new Date();
  const lab =
    options.pid === undefined ? await chooseLab(options.lab, options.toxiproxy) : labOfRunning(options.lab);
  const { seed, toxiproxy, requireFidelity } = options;
  const machine = await examineMachine(abilitiesToTry(selected.chosen));
  const { admitted, skipped, notApplicable } = admitAll(selected.chosen, {
    mode: lab.mode,
    machine,
    lastfin: VERSION,
    toxiproxy,
    ...(requireFidelity === undefined ? {} : { requireFidelity }),
  });
  const files = new FilesReporter(options.out);
  const rerun = (result: CaseResult): string => rerunCommand(result, options);
  const journal = (result: CaseResult): string => `${files.folder}/${journalPath(result.id)}`;
  const terminal = new TerminalReporter({ rerun, journal });
  const reporters: Reporter[] = [files, terminal];
  for (const reporter of reporters)
    await reporter.onRunStart?.({ cases: admitted.length + skipped.length, started, seed: options.seed });

  const pool = new WorkerPool(
    {
      seed,
      toxiproxy,
      lab: lab.mode,
      lacks: machine.lacks,
      lastfin: VERSION,
      ...(requireFidelity === undefined ? {} : { requireFidelity }),
    },
    signal,
  );
  const results: ReportedCase[] = [];
  let server: string | undefined;
  let failure: unknown;
  const ended = async (result: CaseResult, journals: readonly Entry[][]): Promise<void> => {
    results.push({ ...result, journal: journalPath(result.id), rerun: rerun(result) });
    for (const reporter of reporters) await reporter.onCaseEnd?.(result, journals);
  };
  try {
    for (const one of skipped) await ended(judge(one.journal), [one.journal]);
    await concurrently(options.pid === undefined ? options.jobs : 1, admitted, async (one) => {
      if (signal.aborted) return;
      const { result, journals } = await runAttempts(pool, one, options, reporters);
      server ??= toxiproxyOfJournals(journals);
      await ended(result, journals);
    });
  } catch (error) {
    failure = error;
  } finally {
    await pool.close();
  }
  const report = buildReport({
    lastfin: VERSION,
    started: started.toISOString(),
    took: Date.now() - started.getTime(),
    node: process.version,
    platform: process.platform,
    seed: options.seed,
    ...(server === undefined ? {} : { toxiproxy: server }),
    lab,
    interrupted: signal.aborted,
    ...outsideOf(notApplicable),
    results: results.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  });
  for (const reporter of reporters) await reporter.onRunEnd?.(report);
  // the finished cases are reported all the same; anything but the interruption goes on up after that
  if (failure !== undefined && !signal.aborted) throw failure;
  return report.exitCode;
}

/** All attempts of one case: `--repeat` runs it on, `--retries` only while it fails. */
async function runAttempts(
  pool: WorkerPool,
  { plan, target, network }: Admitted,
  { repeat, retries }: RunOptions,
  reporters: readonly Reporter[],
): Promise<{ result: CaseResult; journals: Entry[][] }> {
  for (const reporter of reporters) await reporter.onCaseStart?.(plan);
  const onPhase = (phase: Parameters<NonNullable<Reporter['onCasePhase']>>[1]): void => {
    for (const reporter of reporters) void reporter.onCasePhase?.(plan, phase);
  };
  const results: CaseResult[] = [];
  const journals: Entry[][] = [];
  for (let more = repeat, again = retries; more > 0; more--) {
    const journal = await pool.run(plan, target, network, { onPhase });
    const result = judge(journal);
    results.push(result);
    // of many repeats only the last and those that failed are worth keeping
    if (more === 1 || result.verdict !== 'passed') journals.push(journal);
    if (result.verdict === 'failed' && again > 0) {
      again--;
      more++;
    }
  }
  return { result: joinAttempts(results as [CaseResult, ...CaseResult[]]), journals };
}

/** What the report says of cases that are not about their targets. */
function outsideOf(notApplicable: readonly NotApplicable[]): Pick<RunReport, 'notApplicable' | 'wouldRun'> {
  const counts = tally(notApplicable.map(({ reason }) => reason));
  const reasons = [...counts]
    .map(([reason, cases]) => ({ reason, cases }))
    .toSorted((a, b) => b.cases - a.cases);
  const reference = loadTarget('proxy');
  const more = wouldRun(notApplicable, (setting) => reference.settings[setting]?.type ?? 'string');
  return {
    notApplicable: { cases: notApplicable.length, reasons },
    ...(more === undefined ? {} : { wouldRun: more }),
  };
}

/** The server that the cases' links were on, as the first of them to use one noted it. */
function toxiproxyOfJournals(journals: readonly Entry[][]): string | undefined {
  for (const [head] of journals)
    if (head?.type === 'case' && head.toxiproxy !== undefined) return head.toxiproxy;
  return undefined;
}
