import { existsSync } from 'node:fs';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { Option } from '../../../shared/vendor/commander.ts';
import { plainLine } from '../../report/plain-text.ts';
import type { RunReport } from '../../report/run-report.ts';
import { changeKnown } from '../../gate/known/change-known.ts';
import { type Exception, KNOWN_FILE } from '../../gate/known/known-file.ts';

/** Options about known findings, of `run` and of `gate`. */
export type KnownOptions = {
  known?: string;
  acceptKnown: boolean;
  pruneKnown: boolean;
  owner?: string;
  reason?: string;
  expires?: string;
};

/** Days that an exception lasts where none is given. */
const DEFAULT_DAYS = 90;
const MOST_DAYS = 3650;
const MS_PER_DAY = 86_400_000;

/** Options made anew for each command. */
export function knownOptions(): Option[] {
  return [
    new Option(
      '--known <file>',
      `known findings, which do not fail (default: ${KNOWN_FILE} where there is one)`,
    ),
    new Option(
      '--accept-known',
      'write the present findings into the file of known ones, flaky cases into its quarantine; needs --owner and --reason',
    ).default(false),
    new Option('--prune-known', 'remove known findings that no longer occur from the file').default(false),
    new Option('--owner <name>', 'who will see to the findings that --accept-known writes'),
    new Option('--reason <text>', 'why they may be there, such as the number of an issue'),
    new Option(
      '--expires <day>',
      `last day on which they do not fail, such as 2027-01-31 or 30d (default: ${DEFAULT_DAYS}d)`,
    ),
  ];
}

/** File of known findings to use; undefined where none is named and there is none by default. */
export function knownFileOf({ known, acceptKnown }: KnownOptions): string | undefined {
  const file = known ?? KNOWN_FILE;
  if (existsSync(file)) return file;
  // made by --accept-known
  if (known === undefined || acceptKnown) return undefined;
  throw new LastfinError(
    'LASTFIN_USAGE',
    `--known: there is no file ${file}; \`--accept-known\` makes it of the present findings`,
  );
}

/**
 * Exception that `--accept-known` writes; undefined without it.
 *
 * @throws LastfinError `LASTFIN_USAGE` before the run, where owner or reason is missing
 */
export function exceptionOf(
  { acceptKnown, owner, reason, expires }: KnownOptions,
  now: Date,
): Exception | undefined {
  if (!acceptKnown) return undefined;
  const missing = [
    ...(isSaid(owner) ? [] : ['--owner (who will see to them)']),
    ...(isSaid(reason) ? [] : ['--reason (why they may be there)']),
  ];
  if (owner === undefined || reason === undefined || missing.length > 0) {
    throw new LastfinError('LASTFIN_USAGE', `--accept-known needs ${missing.join(' and ')}`);
  }
  return { owner, reason, expires: dayOf(expires ?? `${DEFAULT_DAYS}d`, now) };
}

function isSaid(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '';
}

/** Day in the form `2027-01-31`, from that form or a number of days from now. */
function dayOf(text: string, now: Date): string {
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  const count = Number(days ?? Number.NaN);
  if (count > 0 && count <= MOST_DAYS)
    return new Date(now.getTime() + count * MS_PER_DAY).toISOString().slice(0, 10);
  const parsed = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (parsed !== undefined && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text))
    return text;
  throw new LastfinError(
    'LASTFIN_USAGE',
    `--expires takes a day such as 2027-01-31, or a number of days from 1d to ${MOST_DAYS}d, not \`${text}\``,
  );
}

/** Changes the file of known findings after a run, and tells what was changed; resolves with the exit code that follows. */
export async function changeKnownAfter(
  report: RunReport,
  { known = KNOWN_FILE, pruneKnown: prune }: KnownOptions,
  accept: Exception | undefined,
): Promise<number> {
  const today = new Date().toISOString().slice(0, 10);
  const { notices, exitCode } = await changeKnown(report, { file: known, accept, prune, today });
  process.stderr.write(`${notices.map(plainLine).join('\n')}\n`);
  return exitCode;
}
