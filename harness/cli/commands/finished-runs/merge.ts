import { existsSync } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../../../shared/errors/lastfin-error.ts';
import { Command, Option } from '../../../../shared/vendor/commander.ts';
import { findShards } from '../../../gate/find-shards.ts';
import { mergeReports, type ShardReport } from '../../../gate/merge-reports.ts';
import type { Entry } from '../../../journal/entry.ts';
import { journalPath, readJournal } from '../../../journal/file.ts';
import { FilesReporter } from '../../../report/files/write-reports.ts';
import { rerunCommand } from '../../options/rerun-command.ts';
import { type ReporterChoice, reporterChoices } from '../../reporters/choice.ts';
import { defaultReporters } from '../../reporters/environment.ts';
import { makeReporters } from '../../reporters/make-reporters.ts';
import { RunHistory } from './run-history.ts';

type MergeOptions = { out: string; reporter?: ReporterChoice[]; color: boolean };

export const mergeCommand = new Command('merge')
  .description(
    'Makes one report of the runs of all shards. Exit code 3 where a shard is missing, there twice, or of another run.',
  )
  .argument('<folders...>', "folders of the shards' runs, or a folder that holds them")
  .option('--out <folder>', 'write the report to runs/ and latest in this folder', 'reports')
  .addOption(new Option('--reporter <name...>', 'output: as for `lastfin run`').argParser(reporterChoices))
  .option('--no-color', 'print without colours, whatever the terminal and FORCE_COLOR say')
  .action(async (folders: string[], options: MergeOptions) => {
    process.exitCode = await merge(findShards(folders), options);
  });

async function merge(shards: readonly ShardReport[], options: MergeOptions): Promise<number> {
  const report = mergeReports(shards);
  const history = new RunHistory(options.out);
  const files = new FilesReporter(options.out, (done) => history.trend(done));
  const folderOf = new Map(
    shards.flatMap(({ folder, report: { results } }) => results.map(({ id }) => [id, folder])),
  );
  const { reporter: choices = defaultReporters(process.env, false), color } = options;
  const others = await makeReporters({
    choices,
    detail: 'normal',
    color,
    rerun: (result) =>
      report.results.find(({ id }) => id === result.id)?.rerun ?? rerunCommand(result, { seed: report.seed }),
    journal: ({ id }) => `${files.folder}/${journalPath(id)}`,
    folder: () => (files.folder === undefined ? undefined : path.resolve(files.folder)),
    page: () => files.page,
  });
  const reporters = [files, ...others];
  const { lastfin, seed, lab, results } = report;
  const start = {
    lastfin,
    seed,
    // the folder is named after the merge: it is not the run of any shard
    started: new Date(),
    scenarios: results.map(({ scenario }) => scenario),
    targets: [...new Set(results.map(({ target }) => target))],
    ...(lab === undefined ? {} : { lab }),
  };
  for (const one of reporters) await one.onRunStart?.(start);
  for (const result of results) {
    const journals = await journalsOf(folderOf.get(result.id) ?? '', result.id);
    for (const one of reporters) await one.onCaseEnd?.(result, journals);
  }
  for (const one of reporters) await one.onRunEnd?.(report);
  await history.keep(report);
  return report.exitCode;
}

/** Journals of all attempts of a case. @throws LastfinError `LASTFIN_SHARDS` where there is none: the folder is not whole */
async function journalsOf(folder: string, id: string): Promise<Entry[][]> {
  const journals: Entry[][] = [];
  for (let attempt = 1; ; attempt++) {
    const file = path.join(folder, journalPath(id, attempt));
    if (!existsSync(file)) break;
    journals.push(await readJournal(file));
  }
  if (journals.length > 0) return journals;
  throw new LastfinError(
    'LASTFIN_SHARDS',
    `${folder} lacks the journal of \`${id}\`: the folder is not whole`,
  );
}
