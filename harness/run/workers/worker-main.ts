import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { Teardown } from '../../lab/teardown.ts';
import { runCase } from '../run-case.ts';
import { sharedLab } from '../case-lab/shared-lab.ts';
import { makeWorkerFolder } from './worker-folder.ts';
import { HEARTBEAT, type WorkerCommand, type WorkerOptions, type WorkerMessage } from './worker-protocol.ts';

/**
 * Runs cases, one at a time, for the process that spawned this worker, usually in namespaces of its own. Ends when it is told to, and
 * when the other end of the channel is gone.
 */
class Worker {
  readonly #options: WorkerOptions;
  readonly #teardown = new Teardown();
  readonly #shared: ReturnType<typeof sharedLab>;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#shared = sharedLab(options, this.#teardown, (pid) => {
      // in a namespace the target has another pid, and ends with the namespace
      if (options.lab === 'none') say({ say: 'target', pid });
    });
  }

  run(order: Extract<WorkerCommand, { do: 'run' }>): void {
    this.#running = runCase({
      ...order,
      shared: this.#shared,
      lastfin: this.#options.lastfin,
      signal: this.#stop.signal,
      onPhase: (phase) => {
        say({ say: 'phase', phase });
      },
    }).then(
      (journal) => {
        // whatever the lab could not take down may be in the way of the next case
        const spoilt = journal.some(({ type }) => type === 'lab-error');
        say({ say: 'journal', journal, spoilt });
      },
      (error: unknown) => {
        if (!this.#stop.signal.aborted) throw error;
        say({ say: 'aborted' });
      },
    );
  }

  abort(why: string): void {
    this.#stop.abort(new LastfinError('LASTFIN_INTERRUPTED', why));
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#teardown.run();
  }
}

function say(message: WorkerMessage): void {
  // the other end may be gone: then `disconnect` ends us
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

/** Makes a temporary folder for this worker's sockets and files, so that they are removed with it. */
function ownFolder(): void {
  // in a namespace the temporary folder is its own already, in memory
  if (tmpdir() === '/dev/shm') return;
  const folder = makeWorkerFolder();
  process.env['TMPDIR'] = folder;
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
}

function tryOwnFolder(): void {
  try {
    ownFolder();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    isAble = false;
    say({ say: 'unable', why: `no folder can be made for temporary files (TMPDIR is ${tmpdir()}): ${why}` });
  }
}

/** Whether this process can run cases; if not, it waits to be ended. */
let isAble = true;
let worker: Worker | undefined;

async function obey(command: WorkerCommand): Promise<void> {
  switch (command.do) {
    case 'begin':
      if (!isAble) return;
      worker = new Worker(command.options);
      say({ say: 'ready' });
      return;
    case 'run':
      worker?.run(command);
      return;
    case 'abort':
      worker?.abort(command.why);
      return;
    case 'close':
      await worker?.close();
      process.exit(0);
  }
}

function harnessGone(): void {
  worker?.abort('the harness is gone');
  void obey({ do: 'close' });
}

tryOwnFolder();
process.on('message', (command: WorkerCommand) => void obey(command));
process.once('disconnect', harnessGone);
// the harness may have gone while this file was loading, when nobody listened yet
if (!process.connected) harnessGone();
setInterval(() => {
  say({ say: 'heartbeat' });
}, HEARTBEAT);
