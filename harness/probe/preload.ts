/**
 * Preloaded into the target with `node --import`. Does nothing without the environment variable; with it, connects
 * to the harness before the program starts and answers its requests. Never keeps the process alive. Child processes and
 * worker threads of the target get a probe of their own.
 */
import { getEnvironmentData, isMainThread } from 'node:worker_threads';
import { PROBE_CLOCKS_ENV, PROBE_SOCKET_ENV } from './protocol.ts';

/** Threads have no environment of their own to find it in. */
const path = isMainThread ? process.env[PROBE_SOCKET_ENV] : getEnvironmentData(PROBE_SOCKET_ENV);
const clocks = isMainThread ? process.env[PROBE_CLOCKS_ENV] : getEnvironmentData(PROBE_CLOCKS_ENV);
if (typeof path === 'string') {
  delete process.env[PROBE_SOCKET_ENV];
  delete process.env[PROBE_CLOCKS_ENV];
  if (clocks !== undefined) (await import('./clocks.ts')).replaceClocks();
  const { passOn } = await import('./pass-on.ts');
  passOn({ [PROBE_SOCKET_ENV]: path, ...(typeof clocks === 'string' ? { [PROBE_CLOCKS_ENV]: clocks } : {}) });
  const { serve } = await import('./serve.ts');
  await serve(path);
}
