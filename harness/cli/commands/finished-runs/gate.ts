import { existsSync } from 'node:fs';

import { dropUndefined } from '../../../../shared/drop-undefined.ts';
import { LastfinError } from '../../../../shared/errors/lastfin-error.ts';
import { Command, Option } from '../../../../shared/vendor/commander.ts';
import { parseBytes } from '../../../../shared/yaml-file/values/bytes.ts';
import { checkGate } from '../../../gate/check-gate.ts';
import { type Gate, GATE_FILE, noThresholds, readGate } from '../../../gate/gate-file.ts';
import { gateInWords } from '../../../gate/gate-text.ts';
import { nothingKnown, readKnown } from '../../../gate/known/known-file.ts';
import { knownIn, markKnown, withoutMarks } from '../../../gate/known/mark-known.ts';
import { findReport, readReport } from '../../../gate/stored-report.ts';
import { FIDELITIES } from '../../../fidelities.ts';
import { safeJson } from '../../../report/files/json.ts';
import type { RunReport } from '../../../report/run-report.ts';
import {
  changeKnownAfter,
  exceptionOf,
  knownFileOf,
  type KnownOptions,
  knownOptions,
} from '../../options/known-options.ts';
import { wholeNumber } from '../../options/selection.ts';
import { timeLike } from '../../options/time-option.ts';

type GateOptions = KnownOptions & {
  gate?: string;
  out: string;
  json?: true;
  maxFindings?: number;
  maxFlaky?: number;
  maxSkipped?: number;
  maxNotApplicable?: number;
  maxDrainP99?: number;
  requireFidelity?: Gate['fidelity'];
  maxMemory?: number;
  maxKnown?: number;
  maxGone?: number;
  maxQuarantine?: number;
};

export const gateCommand = new Command('gate')
  .description(
    'Compares the report of a run with thresholds: exit code 1 where one is exceeded, 3 where the run is not whole.',
  )
  .argument(
    '[run]',
    "a run's folder, its report.json, or a reports folder (default: the latest run in --out)",
  )
  .option('--gate <file>', `thresholds (default: ${GATE_FILE} where there is one); options override the file`)
  .option('--out <folder>', 'reports folder whose latest run is meant', 'reports')
  .option('--json', 'print the checks as JSON')
  .addOption(
    bound('--max-findings <n>', 'most new findings of kinds that the file does not name', wholeNumber),
  )
  .addOption(bound('--max-flaky <n>', 'most flaky cases that are not in quarantine', wholeNumber))
  .addOption(bound('--max-skipped <n>', 'most cases that could not run on this machine', wholeNumber))
  .addOption(bound('--max-not-applicable <n>', 'most cases that do not apply to the target', wholeNumber))
  .addOption(
    bound('--max-drain-p99 <time>', 'longest 99th percentile of drains, such as 2s', timeLike('2s or 500ms')),
  )
  .addOption(bound('--max-memory <bytes>', 'most growth of memory per connection, such as 8KiB', bytesOf))
  .addOption(bound('--max-known <n>', 'most known findings', wholeNumber))
  .addOption(bound('--max-gone <n>', 'most known findings that no longer occur', wholeNumber))
  .addOption(bound('--max-quarantine <n>', 'most cases in quarantine', wholeNumber))
  .addOption(
    new Option('--require-fidelity <fidelity>', 'lowest fidelity that a case with faults may have').choices(
      FIDELITIES,
    ),
  )
  .action(async (run: string | undefined, options: GateOptions) => {
    process.exitCode = await check(run ?? options.out, options);
  });
for (const option of knownOptions()) gateCommand.addOption(option);

async function check(where: string, options: GateOptions): Promise<number> {
  const accept = exceptionOf(options, new Date());
  const stored = readReport(where);
  if (accept !== undefined || options.pruneKnown) await changeKnownAfter(stored, options, accept);
  const gate = { ...withFlags(readThresholds(options.gate), options) };
  const file = knownFileOf(options);
  const known = file === undefined ? nothingKnown() : readKnown(file);
  const today = new Date().toISOString().slice(0, 10);
  // the exceptions that hold now, not those of the day of the run
  const results = stored.results.map((one) => markKnown(withoutMarks(one), known, today));
  const report: RunReport = {
    ...stored,
    results,
    ...(file === undefined ? {} : { known: knownIn(known, file, results) }),
  };
  const gated = checkGate(report, gate, known);
  if (options.json) process.stdout.write(`${safeJson(gated, 2)}\n`);
  else process.stdout.write(`${gateInWords(gated, findReport(where) ?? where).join('\n')}\n`);
  return gated.exitCode;
}

function readThresholds(file: string | undefined): Gate {
  if (file !== undefined) return readGate(file);
  return existsSync(GATE_FILE) ? readGate(GATE_FILE) : noThresholds();
}

/** Thresholds of the file, overridden by those of the command line. */
function withFlags(gate: Gate, options: GateOptions): Gate {
  const { maxFindings: other, maxKnown: most, maxGone: gone, maxDrainP99: p99 } = options;
  return {
    ...gate,
    ...dropUndefined({
      flaky: options.maxFlaky,
      skipped: options.maxSkipped,
      notApplicable: options.maxNotApplicable,
      fidelity: options.requireFidelity,
    }),
    findings: { ...gate.findings, ...dropUndefined({ other }) },
    drain: { ...gate.drain, ...dropUndefined({ p99 }) },
    memory: { ...gate.memory, ...dropUndefined({ perConnection: options.maxMemory }) },
    known: { ...gate.known, ...dropUndefined({ most, gone }) },
    quarantine: { ...gate.quarantine, ...dropUndefined({ most: options.maxQuarantine }) },
  };
}

function bound(flags: string, description: string, parse: (value: string) => number): Option {
  return new Option(flags, description).argParser(parse);
}

function bytesOf(value: string): number {
  const bytes = parseBytes(value);
  if (bytes !== undefined) return bytes;
  throw new LastfinError(
    'LASTFIN_USAGE',
    `a number of bytes such as 512B or 8KiB is needed, not \`${value}\``,
  );
}
