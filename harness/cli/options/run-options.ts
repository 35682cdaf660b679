import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { type Command, Option } from '../../../shared/vendor/commander.ts';
import { FIDELITIES } from '../../fidelities.ts';
import type { LabMode } from '../../lab/lab-mode.ts';
import { DEFAULT_JOBS } from '../../suite/suite-options.ts';
import type { Fidelity } from '../../scenario/trigger.ts';
import type { Shard } from '../../report/run-report.ts';
import { parseDuration } from '../../../shared/yaml-file/values/duration.ts';
import { type KnownOptions, knownOptions } from './known-options.ts';
import { shardOption } from './shard.ts';
import { labOption } from './lab.ts';
import { REPORTER_NAMES, type ReporterChoice, reporterChoices } from '../reporters/choice.ts';
import { positiveInteger, type SelectionOptions, selectionOptions, wholeNumber } from './selection.ts';

export type RunOptions = SelectionOptions &
  KnownOptions & {
    jobs: number;
    repeat: number;
    retries: number;
    out: string;
    toxiproxy: string;
    lab: LabMode;
    requireFidelity?: Fidelity;
    pid?: number;
    series: boolean;
    keepHeap: boolean;
    capture: 'never' | 'on-failure' | 'always';
    lastFailed: boolean;
    /** number of failed cases after which no other is begun */
    bail?: number;
    alone: number;
    /** ms */
    stressDuration?: number;
    shard?: Shard;
    /** stored report with the times of cases */
    timings?: string;
    reporter?: ReporterChoice[];
    quiet: boolean;
    verbose: boolean;
    color: boolean;
    ui: boolean;
    uiStay: boolean;
  };

/** Declares the options of `lastfin run`. */
export function addRunOptions(command: Command): void {
  for (const option of selectionOptions()) command.addOption(option);
  for (const option of [...whichAndHow(), ...parts(), ...knownOptions(), ...output()])
    command.addOption(option);
}

function whichAndHow(): Option[] {
  return [
    new Option(
      '--last-failed',
      'run only the cases that failed, were flaky or had an error in the last run',
    ).default(false),
    new Option('--bail [n]', 'begin no other case after this many failures (default: 1)')
      .preset('1')
      .argParser(bailOf),
    new Option('-j, --jobs <n>', 'run this many cases at the same time')
      .argParser(positiveInteger)
      .default(DEFAULT_JOBS),
    new Option('--repeat <n>', 'run each case this many times; failing only sometimes makes it flaky')
      .argParser(positiveInteger)
      .default(1),
    new Option('--retries <n>', 'run a failing case up to this many times more')
      .argParser(positiveInteger)
      .default(0),
    new Option(
      '--alone <n>',
      'try up to this many failed cases once more at the end, with nothing beside them; if more have failed, none is tried; 0: none',
    )
      .argParser(wholeNumber)
      .default(DEFAULT_ALONE),
    new Option('--stress-duration <time>', 'run all cases again and again for this long, such as 30m')
      .argParser(timeOf)
      .conflicts(['repeat', 'retries', 'bail']),
    new Option(
      '--toxiproxy <which>',
      '`embedded`, `real` (LASTFIN_TOXIPROXY_BIN or `toxiproxy-server` on the PATH), or a URL',
    )
      .default('embedded')
      .argParser(toxiproxyOf),
    new Option(
      '--pid <n>',
      'watch this running process (its target file needs `attach`) rather than start and stop the target',
    ).argParser(positiveInteger),
    labOption(),
    new Option(
      '--require-fidelity <fidelity>',
      'fail cases whose faults run below this fidelity although more is possible, or that are skipped for lack of it',
    ).choices(FIDELITIES),
  ];
}

/** Most failed cases that are tried alone. */
const DEFAULT_ALONE = 10;

function parts(): Option[] {
  return [
    new Option(
      '--shard <i/n>',
      'run the i-th of n parts of the suite, such as 2/4 (default: as Bazel, Kubernetes, GitLab or CircleCI say in the environment)',
    ).argParser(shardOption),
    new Option(
      '--timings <report>',
      'begin with the cases that took longest in this earlier report, and cut shards by those times',
    ),
  ];
}

function output(): Option[] {
  return [
    new Option('--out <folder>', 'write reports to runs/ and latest in this folder').default('reports'),
    new Option(
      '--reporter <name-or-module...>',
      `output, to stdout or to the file behind \`=\`; several are separated by commas: ${quoted(REPORTER_NAMES)}, or a module of your own (docs/ci.md); reports are always written to --out, too`,
    ).argParser(reporterChoices),
    new Option(
      '--no-series',
      'leave times of connections, counts and output lines out of the journals: verdicts are the same, reports have no timeline',
    ),
    new Option(
      '--ui',
      'show the run in a browser while it goes on: serves the page of the report on this machine',
    ).default(false),
    new Option('--ui-stay', 'like --ui, and go on serving after the run until Ctrl-C').default(false),
    new Option(
      '--capture <when>',
      'keep the packets of a case’s network (pcap, by tcpdump) and the TLS keys of its clients and upstreams beside the journal',
    )
      .choices(['never', 'on-failure', 'always'])
      .default('never'),
    new Option(
      '--keep-heap',
      'keep a heap snapshot of a Node.js target that has left something behind, beside the journal of its failed case',
    ).default(false),
    new Option('-q, --quiet', 'print failures and the last line only').default(false),
    new Option('-v, --verbose', 'print every case in full, with a table of how its connections ended')
      .default(false)
      .conflicts('quiet'),
    new Option('--no-color', 'print without colours, whatever the terminal and FORCE_COLOR say'),
  ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** Parses the value of `--bail`. @throws LastfinError `LASTFIN_USAGE` */
function bailOf(value: string): number {
  if (/^\d+$/.test(value)) return positiveInteger(value);
  throw new LastfinError(
    'LASTFIN_USAGE',
    `--bail takes a whole number, not \`${value}\`; before a path say \`--bail=1 ${value}\``,
  );
}

/** Parses the value of `--stress-duration`. @throws LastfinError `LASTFIN_USAGE` */
function timeOf(value: string): number {
  const ms = parseDuration(value);
  if (ms !== undefined && ms > 0) return ms;
  throw new LastfinError(
    'LASTFIN_USAGE',
    `--stress-duration takes a time such as 30m or 90s, not \`${value}\``,
  );
}

/** Parses the value of `--toxiproxy`. @throws LastfinError `LASTFIN_USAGE` */
function toxiproxyOf(value: string): string {
  if (value === 'embedded' || value === 'real' || /^https?:\/\//.test(value)) return value;
  throw new LastfinError('LASTFIN_USAGE', `--toxiproxy is \`embedded\`, \`real\` or a URL, not \`${value}\``);
}
