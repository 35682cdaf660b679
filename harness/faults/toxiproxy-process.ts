import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { LastfinError } from '../../errors/lastfin-error.ts';
import { compiled } from '../lab/package-root.ts';
import type { Teardown } from '../lab/teardown.ts';
import { within } from '../lab/within.ts';
import { Toxiproxies } from './toxiproxy-links.ts';

const START_DEADLINE = 10_000;

/**
 * Starts the embedded Toxiproxy in a process of its own, on a port of the system's choice; it ends with this process,
 * whatever kills it. Rejects with `LASTFIN_LAB` when it does not come up.
 */
export async function startEmbeddedToxiproxy(teardown: Teardown, seed: number): Promise<Toxiproxies> {
  const child = fork(
    compiled('harness/toxiproxy/main.js'),
    ['--host', '127.0.0.1', '--port', '0', '--seed', String(seed), '--exit-with-parent'],
    // a group of its own: Ctrl-C in the terminal is for the harness, which then takes this down in order
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true, execArgv: [] },
  );
  const ended = once(child, 'exit');
  teardown.add('the embedded Toxiproxy', async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4096);
  });
  if (!child.stdout) throw new LastfinError('LASTFIN_LAB', 'the embedded Toxiproxy has no stdout');
  const lines = createInterface(child.stdout);
  const first = once(lines, 'line') as Promise<[string]>;
  const died = ended.then(([code]) => {
    throw new LastfinError('LASTFIN_LAB', `the embedded Toxiproxy exited with ${code}: ${stderr}`);
  });
  const [line] = await within(START_DEADLINE, 'starting the embedded Toxiproxy', Promise.race([first, died]));
  died.catch(() => undefined);
  const { host, port } = JSON.parse(line) as { host: string; port: number };
  return new Toxiproxies(`http://${host}:${port}`);
}
