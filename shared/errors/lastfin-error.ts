import type { ErrorCode } from './codes.ts';
import { printable } from './printable.ts';

/** Machine-readable circumstances of an error: file, line, port, pid, …; JSON only. */
export type ErrorFacts = Readonly<Record<string, unknown>>;

/**
 * Error of lastfin. `code` is one of `docs/generated/errors.md`, `facts` the known circumstances, `cause` the error beneath. The message
 * is made printable: control characters escaped, at most 100 lines.
 *
 * @example
 * import { LastfinError, loadScenarios } from 'lastfin';
 *
 * try {
 *   loadScenarios(['no-such-area'], { root: 'scenarios' });
 * } catch (error) {
 *   if (!(error instanceof LastfinError)) throw error;
 *   console.error(error.code, error.message, error.facts);
 * }
 */
export class LastfinError extends Error {
  override readonly name = 'LastfinError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, options: { facts?: ErrorFacts; cause?: unknown } = {}) {
    // the text may quote a file or a program, and is printed to a terminal
    super(printable(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
