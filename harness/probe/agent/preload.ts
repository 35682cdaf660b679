/**
 * Entry that is preloaded into the target with `node --import`. Does nothing without the environment variable; with it, connects
 * to the harness before the program starts and answers its requests. Never keeps the process alive. Child processes and
 * worker threads of the target get a probe of their own. The probe itself is in `agent.ts`, which has a realm of its own.
 */
import { getEnvironmentData, isMainThread } from 'node:worker_threads';
import type { start, watchEnd } from './realm-entry.ts';
import { openRealm } from './open-realm.ts';
import { PROBE_CLOCKS_ENV, PROBE_ENDS_ENV, PROBE_LIVES_ENV, PROBE_SOCKET_ENV } from '../protocol.ts';

/** threads have no environment of their own that could name it */
const given = (name: string): string | undefined => {
  const value: unknown = isMainThread ? process.env[name] : getEnvironmentData(name);
  return typeof value === 'string' ? value : undefined;
};
const path = given(PROBE_SOCKET_ENV);
const clocks = given(PROBE_CLOCKS_ENV);
const lives = given(PROBE_LIVES_ENV);
const ends = given(PROBE_ENDS_ENV);
const open = (): object => openRealm(new URL('./preload.agent.cjs', import.meta.url).href);
if (path !== undefined) {
  delete process.env[PROBE_SOCKET_ENV];
  delete process.env[PROBE_CLOCKS_ENV];
  delete process.env[PROBE_LIVES_ENV];
  const agent = open() as { start: typeof start };
  await agent.start(path, clocks, lives);
} else if (ends !== undefined) {
  delete process.env[PROBE_ENDS_ENV];
  const agent = open() as { watchEnd: typeof watchEnd };
  agent.watchEnd(ends);
}
