/**
 * Entry that is preloaded into the target with `node --import`. Does nothing without the environment variable; with it, connects
 * to the harness before the program starts and answers its requests. Never keeps the process alive. Child processes and
 * worker threads of the target get a probe of their own. The probe itself is in `agent.ts`, which has a realm of its own.
 */
import { getEnvironmentData, isMainThread } from 'node:worker_threads';
import type { start } from './realm-entry.ts';
import { openRealm } from './open-realm.ts';
import { PROBE_CLOCKS_ENV, PROBE_LIVES_ENV, PROBE_SOCKET_ENV } from '../protocol.ts';

/** threads have no environment of their own that could name it */
const path = isMainThread ? process.env[PROBE_SOCKET_ENV] : getEnvironmentData(PROBE_SOCKET_ENV);
const clocks = isMainThread ? process.env[PROBE_CLOCKS_ENV] : getEnvironmentData(PROBE_CLOCKS_ENV);
const lives = isMainThread ? process.env[PROBE_LIVES_ENV] : getEnvironmentData(PROBE_LIVES_ENV);
if (typeof path === 'string') {
  delete process.env[PROBE_SOCKET_ENV];
  delete process.env[PROBE_CLOCKS_ENV];
  delete process.env[PROBE_LIVES_ENV];
  const agent = openRealm(new URL('./preload.agent.cjs', import.meta.url).href) as { start: typeof start };
  const set = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  await agent.start(path, set(clocks), set(lives));
}
