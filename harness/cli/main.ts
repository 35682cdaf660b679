#!/usr/bin/env node
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { exitOnSignals } from './process/early-signals.ts';
import { fail } from './fail.ts';
import { guardOutput } from './process/output-guard.ts';

// before the rest is loaded: signals count from the start, and a lack of descriptors gets a clear message
guardOutput();
exitOnSignals();
try {
  const { runProgram } = await import('./program.ts');
  await runProgram();
} catch (error) {
  process.exitCode = fail(asWant(error));
}

/** Explains a lack of descriptors: loading two hundred modules needs as many for a moment. */
function asWant(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EMFILE' && code !== 'ENFILE') return error;
  const message = 'too few files may be open here (`ulimit -n`): lastfin needs 1024 or more';
  return new LastfinError('LASTFIN_LAB', message, { cause: error });
}
