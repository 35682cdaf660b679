import { spawn } from 'node:child_process';

/**
 * Runs a program while the parent's IPC channel is open, and then kills it: a stock server does not notice that the harness was
 * killed. Passes its output on, and exits with its code.
 *
 * Usage: fork(this file, [program, ...arguments])
 */
const [program = '', ...programArguments] = process.argv.slice(2);
const child = spawn(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.once('exit', (code) => process.exit(code ?? 1));
process.once('disconnect', () => child.kill('SIGKILL'));
// the parent may have gone while this file was loading, when nobody listened yet
if (!process.connected) child.kill('SIGKILL');
process.once('SIGTERM', () => child.kill('SIGTERM'));
