import { existsSync } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { DotReporter } from '../../report/terminal/dot.ts';
import { toJson } from '../../report/files/json.ts';
import { toJUnit } from '../../report/files/junit.ts';
import { PrintedReport } from '../../report/files/printed-report.ts';
import type { Reporter } from '../../report/reporter.ts';
import { type Detail, TerminalReporter, type TerminalOptions } from '../../report/terminal/terminal.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { PACKAGE_ROOT } from '../../../shared/package-root.ts';

/** Names that `--reporter` takes. */
export const REPORTERS = ['terminal', 'dot', 'json', 'junit', 'silent'] as const;
export type ReporterName = (typeof REPORTERS)[number];

/** Reporters whose output another program reads: nothing else may stand on stdout. */
const FOR_PROGRAMS: ReadonlySet<ReporterName> = new Set(['json', 'junit']);

/** Adds the names in one value of `--reporter`, separated by commas. @throws LastfinError `LASTFIN_USAGE` for an unknown one */
export function reporterNames(value: string, before: readonly ReporterName[] = []): ReporterName[] {
  const names = value.split(',').map((name) => {
    const meant = name === 'none' ? 'silent' : name;
    const known = REPORTERS.find((one) => one === meant);
    if (known !== undefined) return known;
    const hint = name.includes('/') || existsSync(name) ? '; paths stand before the options' : '';
    throw new LastfinError('LASTFIN_USAGE', `no reporter \`${name}\`${suggestion(name, REPORTERS)}${hint}`);
  });
  return [...new Set([...before, ...names])];
}

export type ReporterOptions = Pick<TerminalOptions, 'rerun' | 'journal' | 'page'> & {
  names: readonly ReporterName[];
  detail: Detail;
  /** false: no colours; true: colours where the output is a terminal */
  color: boolean;
};

/**
 * Makes the reporters that write to the terminal. Beside one that another program reads, those for people write to stderr.
 *
 * @throws LastfinError `LASTFIN_USAGE` for two reports on one stdout
 */
export function makeReporters({ names, detail, color, ...links }: ReporterOptions): Reporter[] {
  const printed = names.filter((name) => FOR_PROGRAMS.has(name));
  if (printed.length > 1) {
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--reporter ${printed.join(',')}: only one report fits on stdout; both are always written to the reports folder`,
    );
  }
  const stream = printed.length === 0 ? process.stdout : process.stderr;
  const painted = color ? {} : { color };
  return names.flatMap((name): Reporter[] => {
    switch (name) {
      case 'terminal':
        return [new TerminalReporter({ ...links, ...setup(), ...painted, stream, detail })];
      case 'dot':
        return [new DotReporter({ ...painted, stream })];
      case 'json':
        return [new PrintedReport(toJson)];
      case 'junit':
        return [new PrintedReport(toJUnit)];
      case 'silent':
        return [];
      default:
        return name satisfies never;
    }
  });
}

/** In a checkout of lastfin one command installs all that is missing. */
function setup(): Pick<TerminalOptions, 'setup'> {
  const inCheckout = path.resolve() === PACKAGE_ROOT && existsSync(path.join(PACKAGE_ROOT, 'scripts/setup'));
  return inCheckout ? { setup: 'npm run setup' } : {};
}
