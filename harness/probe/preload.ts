/**
 * Preloaded into the target with `node --import`. Does nothing without the environment variable; with it, connects
 * to the harness before the program starts and answers its requests. Never keeps the process alive.
 */
import { isMainThread } from 'node:worker_threads';
import { PROBE_CLOCKS_ENV, PROBE_SOCKET_ENV } from './protocol.ts';

const path = process.env[PROBE_SOCKET_ENV];
// one probe for one process: its threads and children are not asked
if (path && isMainThread) {
  delete process.env[PROBE_SOCKET_ENV];
  const clocks = process.env[PROBE_CLOCKS_ENV] !== undefined;
  delete process.env[PROBE_CLOCKS_ENV];
  if (clocks) (await import('./clocks.ts')).replaceClocks();
  const { serve } = await import('./serve.ts');
  await serve(path);
}
