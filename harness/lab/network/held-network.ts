import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { NEW_NETWORK } from './socket-table.ts';
import { toolPath } from '../system-tool.ts';
import { within } from '../../../shared/within.ts';

const START_DEADLINE = 10_000;

/** Network namespace that lives as long as its holder process, which ends with this process. */
export type HeldNetwork = { pid: number; release: () => Promise<void> };

/** Creates an empty network namespace. The holder reads a pipe from this process, so it ends with it, however that ends. */
export async function holdNetwork(): Promise<HeldNetwork> {
  // prints a word once it is in its namespace, and then waits for the end of its input
  const script = 'echo held; exec cat';
  const holder = spawn('/bin/sh', ['-c', NEW_NETWORK, toolPath('unshare'), '/bin/sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  holder.stdin.on('error', () => undefined);
  const exited = once(holder, 'exit');
  const died = exited.then(() => {
    throw new LastfinError('LASTFIN_LAB', `no network namespace: ${stderr.trim()}`);
  });
  died.catch(() => undefined);
  await within(
    START_DEADLINE,
    'making a network namespace',
    Promise.race([once(holder.stdout, 'data'), died]),
  );
  return {
    pid: holder.pid ?? 0,
    release: async () => {
      holder.stdin.end();
      await exited;
    },
  };
}
