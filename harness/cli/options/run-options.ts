import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { type Command, Option } from '../../../shared/vendor/commander.ts';
import { FIDELITIES } from '../../judge/expectations/fidelity.ts';
import type { LabMode } from '../../run/admission/choose-network.ts';
import { DEFAULT_JOBS } from '../../suite/suite-options.ts';
import type { Fidelity } from '../../scenario/trigger.ts';
import { labOption } from './lab.ts';
import { reporterNames, type ReporterName } from './reporters.ts';
import { positiveInteger, type SelectionOptions, selectionOptions } from './selection.ts';

export type RunOptions = SelectionOptions & {
  jobs: number;
  repeat: number;
  retries: number;
  out: string;
  toxiproxy: string;
  lab: LabMode;
  requireFidelity?: Fidelity;
  pid?: number;
  lastFailed: boolean;
  /** number of failed cases after which no other is begun */
  bail?: number;
  reporter?: ReporterName[];
  quiet: boolean;
  verbose: boolean;
  color: boolean;
};

/** Declares the options of `lastfin run`. */
export function addRunOptions(command: Command): void {
  for (const option of selectionOptions()) command.addOption(option);
  for (const option of [...whichAndHow(), ...output()]) command.addOption(option);
}

function whichAndHow(): Option[] {
  return [
    new Option(
      '--last-failed',
      'only the cases that failed, were flaky or had an error in the last run',
    ).default(false),
    new Option('--bail [n]', 'begin no other case once so many have failed (default: 1)')
      .preset('1')
      .argParser(bailOf),
    new Option('-j, --jobs <n>', 'cases under way at once').argParser(positiveInteger).default(DEFAULT_JOBS),
    new Option('--repeat <n>', 'run each case this many times; failing only sometimes makes it flaky')
      .argParser(positiveInteger)
      .default(1),
    new Option('--retries <n>', 'run a failing case up to this many times more')
      .argParser(positiveInteger)
      .default(0),
    new Option(
      '--toxiproxy <which>',
      '`embedded`, `real` (LASTFIN_TOXIPROXY_BIN or `toxiproxy-server` on the PATH), or a URL',
    )
      .default('embedded')
      .argParser(toxiproxyOf),
    new Option(
      '--pid <n>',
      'look at this running process (its target file says `attach`): it is neither started nor stopped',
    ).argParser(positiveInteger),
    labOption(),
    new Option(
      '--require-fidelity <fidelity>',
      'findings for faults that are less real than this although they can be more, and for cases that are skipped for it',
    ).choices(FIDELITIES),
  ];
}

function output(): Option[] {
  return [
    new Option('--out <folder>', 'where runs/ and latest are written').default('reports'),
    new Option(
      '--reporter <name...>',
      'output: `terminal` (default), `dot`, `json` or `junit` (the report on stdout), `silent`; the files are always written',
    ).argParser(reporterNames),
    new Option('-q, --quiet', 'failures and the last line only').default(false),
    new Option('-v, --verbose', 'every case in full, and a table of what became of the connections')
      .default(false)
      .conflicts('quiet'),
    new Option('--no-color', 'no colours, whatever the terminal and FORCE_COLOR say'),
  ];
}

/** @throws LastfinError `LASTFIN_USAGE` */
function bailOf(value: string): number {
  if (/^\d+$/.test(value)) return positiveInteger(value);
  throw new LastfinError(
    'LASTFIN_USAGE',
    `--bail takes a whole number, not \`${value}\`; before a path say \`--bail=1 ${value}\``,
  );
}

/** @throws LastfinError `LASTFIN_USAGE` for what is neither a word we know nor an address */
function toxiproxyOf(value: string): string {
  if (value === 'embedded' || value === 'real' || /^https?:\/\//.test(value)) return value;
  throw new LastfinError('LASTFIN_USAGE', `--toxiproxy is \`embedded\`, \`real\` or a URL, not \`${value}\``);
}
