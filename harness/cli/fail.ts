import { ERROR_CODES } from '../../shared/errors/codes.ts';
import { printable } from '../../shared/errors/printable.ts';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';

/** Codes of errors in the user's input; all others are errors of the lab. */
const USAGE = new Set([
  'LASTFIN_USAGE',
  'LASTFIN_SCENARIO_INVALID',
  'LASTFIN_TARGET_INVALID',
  'LASTFIN_JOURNAL_INVALID',
  'LASTFIN_KNOWN_INVALID',
  'LASTFIN_REPORT_INVALID',
  'LASTFIN_GATE_INVALID',
  'LASTFIN_HISTORY_INVALID',
  'LASTFIN_MUTANT_STALE',
]);

/** Prints an error for a person and gives the exit code: 2 usage or invalid input, 130 interrupted, 3 the lab. */
export function fail(thrown: unknown): number {
  const error = abortReason(thrown);
  if (!(error instanceof LastfinError)) {
    const stack = error instanceof Error ? error.stack : String(error);
    process.stderr.write(
      `lastfin: this is a defect in lastfin, please report it\n${printable(String(stack))}\n`,
    );
    return 3;
  }
  process.stderr.write(`${error.message}\n${error.code}: ${ERROR_CODES[error.code].fix}\n`);
  if (error.code === 'LASTFIN_INTERRUPTED') return 130;
  return USAGE.has(error.code) ? 2 : 3;
}

/** Unwraps the AbortError of Node's own waits: its cause is the reason of the abort. */
function abortReason(error: unknown): unknown {
  return error instanceof Error && error.name === 'AbortError' && error.cause !== undefined
    ? error.cause
    : error;
}
