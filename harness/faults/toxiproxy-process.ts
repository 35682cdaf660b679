import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { compiled, PACKAGE_ROOT } from '../../shared/package-root.ts';
import { findProgram } from '../lab/system-tool.ts';
import type { Teardown } from '../lab/teardown.ts';
import { within } from '../../shared/within.ts';
import { Toxiproxies } from './toxiproxy-links.ts';

const START_DEADLINE = 10_000;
const HOST = '127.0.0.1';
const BUILT_BY_SETUP = 'node_modules/.bin/toxiproxy-server';

/**
 * Starts the embedded Toxiproxy in a process of its own, on a port of the system's choice; it ends with this process,
 * whatever kills it. Rejects with `LASTFIN_LAB` when it does not come up.
 */
export async function startEmbeddedToxiproxy(teardown: Teardown, seed: number): Promise<Toxiproxies> {
  const child = start(teardown, 'the embedded Toxiproxy', 'harness/toxiproxy/main.js', [
    '--host',
    HOST,
    '--port',
    '0',
    '--seed',
    String(seed),
    '--exit-with-parent',
  ]);
  if (!child.process.stdout) throw new LastfinError('LASTFIN_LAB', 'the embedded Toxiproxy has no stdout');
  const first = once(createInterface(child.process.stdout), 'line') as Promise<[string]>;
  const [line] = await within(
    START_DEADLINE,
    'starting the embedded Toxiproxy',
    Promise.race([first, child.died]),
  );
  const { host, port } = JSON.parse(line) as { host: string; port: number };
  return new Toxiproxies(`http://${host}:${port}`);
}

/**
 * Starts the real server (`LASTFIN_TOXIPROXY_BIN`, or `toxiproxy-server` on the PATH) on `port`, guarded so that it ends with this
 * process. Rejects with `LASTFIN_LAB` when there is none or it does not come up.
 */
export async function startRealToxiproxy(teardown: Teardown, port: number): Promise<Toxiproxies> {
  const binary = findRealToxiproxy();
  if (binary === undefined) {
    throw new LastfinError(
      'LASTFIN_LAB',
      'no real Toxiproxy: LASTFIN_TOXIPROXY_BIN is not set and `toxiproxy-server` is neither on the PATH nor built by `npm run setup`',
    );
  }
  const address = ['-host', HOST, '-port', String(port)];
  const child = start(teardown, 'the real Toxiproxy', 'harness/faults/toxiproxy-guard.js', [
    binary,
    ...address,
  ]);
  // a full pipe would block the server: its log lines are read and dropped
  child.process.stdout?.resume();
  const api = new Toxiproxies(`http://${HOST}:${port}`);
  await within(START_DEADLINE, 'starting the real Toxiproxy', Promise.race([answering(api), child.died]));
  return api;
}

/** Path of the real server: from LASTFIN_TOXIPROXY_BIN, on the PATH, or built by `npm run setup`; undefined if there is none. */
export function findRealToxiproxy(): string | undefined {
  const named = process.env['LASTFIN_TOXIPROXY_BIN'];
  if (named !== undefined && named !== '') return named;
  return findProgram('toxiproxy-server') ?? findProgram(path.join(PACKAGE_ROOT, BUILT_BY_SETUP));
}

/** Waits until a server that was just started answers; the caller limits the time. */
export async function answering(api: Toxiproxies): Promise<void> {
  for (;;) {
    try {
      await api.version();
      return;
    } catch (error) {
      if (!(error instanceof LastfinError)) throw error;
      await delay(20);
    }
  }
}

function start(
  teardown: Teardown,
  what: string,
  file: string,
  programArguments: string[],
): { process: ChildProcess; died: Promise<never> } {
  // a process group of its own: Ctrl-C in the terminal is for the harness, which then stops this in order
  const child = fork(compiled(file), programArguments, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    execArgv: [],
  });
  const ended = once(child, 'exit');
  teardown.add(what, async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4096);
  });
  const died = ended.then(([code]) => {
    throw new LastfinError('LASTFIN_LAB', `${what} exited with ${code}: ${stderr}`);
  });
  died.catch(() => undefined);
  return { process: child, died };
}
