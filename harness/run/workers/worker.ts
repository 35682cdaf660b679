import { type ChildProcess, spawn } from 'node:child_process';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { printable } from '../../../shared/errors/printable.ts';
import { inNamespace } from '../../lab/network/namespace.ts';
import { compiled } from '../../../shared/package-root.ts';
import { trySignal } from '../../../shared/try-signal.ts';
import { within } from '../../../shared/within.ts';
import type { Entry, Phase } from '../../journal/entry.ts';
import { captureFromOutside } from '../evidence/capture-from-outside.ts';
import { lostPackets } from '../evidence/evidence-order.ts';
import { wakeWorker } from './wake-worker.ts';
import { removeWorkerFolder } from './worker-folder.ts';
import { HEARTBEAT, type WorkerCommand, type WorkerMessage, type WorkerOptions } from './worker-protocol.ts';

/** Deadlines for a worker's start, its end, and its output after its end. ms */
const START_DEADLINE = 30_000;
const CLOSE_DEADLINE = 15_000;
const LAST_WORDS = 1_000;
/** Heartbeats missed in a row before a worker counts as stuck: far more than any busy machine makes it miss. */
const MOST_MISSED = 60;
/** Characters of a worker's stderr that are kept. */
const TAIL = 4096;

/** Journal entry for a target that has stopped its worker. */
const STOPPED = {
  type: 'obstruction',
  what: 'the target stopped the harness (SIGSTOP to its parent)',
  detail: '',
} as const;

type Task = {
  onPhase: (phase: Phase) => void;
  resolve: (done: { journal: Entry[]; spoilt: boolean }) => void;
  reject: (error: unknown) => void;
};

/** Case to run, and where. */
type CaseCommand = Omit<Extract<WorkerCommand, { do: 'run' }>, 'do'>;

/** The harness's end of one worker process, in namespaces of its own unless the lab is `none`. */
export class Worker {
  readonly #child: ChildProcess;
  /** resolves when the process is gone and its temporary files are removed */
  readonly #gone: Promise<void>;
  #death: LastfinError | undefined;
  #task: Task | undefined;
  #ready: () => void = () => undefined;
  /** process group of the target under way, for a lab without namespaces: only a kill from here is sure to end it */
  #target: number | undefined;
  #silent = 0;
  #wasStopped = false;
  #stderr = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: WorkerMessage) => {
      this.#hear(message);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#stderr = (this.#stderr + text).slice(-TAIL);
        // the text may quote a target, control characters included
        process.stderr.write(printable(text));
      });
    }
    const watch = setInterval(() => {
      if (++this.#silent > 2) this.#wake();
      if (this.#silent > MOST_MISSED)
        this.#kill(`said nothing for ${(MOST_MISSED * HEARTBEAT) / 1000} s and was killed`);
    }, HEARTBEAT);
    this.#gone = new Promise((resolve) => {
      const end = (how: string): void => {
        clearInterval(watch);
        this.#die(how);
        if (this.#target !== undefined) trySignal(-this.#target, 'SIGKILL');
        const { stdout, stderr } = child;
        for (const stream of [stdout, stderr]) stream?.destroy();
        resolve(child.pid === undefined ? undefined : removeWorkerFolder(child.pid));
      };
      child.once('error', (error) => {
        end(`could not be started: ${startProblem(error)}`);
      });
      child.once('exit', (code, signal) => {
        const how = `ended with ${signal ?? `exit code ${code}`}`;
        // its last words may still be in the pipe, unless something that it left behind holds that open
        const late = setTimeout(end, LAST_WORDS, how);
        child.once('close', () => {
          clearTimeout(late);
          end(how);
        });
      });
    });
  }

  /** Rejects with `LASTFIN_LAB` when the worker does not come up. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const program = [process.execPath, compiled('harness/run/workers/worker-main.js')];
    const [command = '', ...rest] = options.lab === 'none' ? program : inNamespace(program);
    const worker = new Worker(spawnWorker(command, rest));
    const ready = new Promise<void>((resolve) => {
      worker.#ready = resolve;
    });
    worker.#tell({ do: 'begin', options });
    const died = worker.#gone.then(() => {
      throw worker.#death ?? new Error('a worker is gone and nobody knows why');
    });
    died.catch(() => undefined);
    try {
      await within(START_DEADLINE, 'starting a worker', Promise.race([ready, died]));
    } catch (error) {
      worker.#kill('did not start in time');
      await worker.#gone;
      throw error;
    }
    return worker;
  }

  /** Whether it can take another case. */
  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /**
   * Runs one case; resolves with its journal. Rejects with `LASTFIN_LAB` when the worker dies meanwhile, and with the reason of
   * `signal` once the case has been taken down.
   */
  async run(
    command: CaseCommand,
    signal: AbortSignal,
    onPhase: (phase: Phase) => void,
  ): Promise<{ journal: Entry[]; spoilt: boolean }> {
    signal.throwIfAborted();
    if (this.#death) throw this.#death;
    const capture = await captureFromOutside(command, this.#child.pid);
    try {
      const done = await this.#run(command, signal, onPhase);
      const lost = lostPackets((await capture?.stop()) ?? 0);
      if (lost !== undefined) done.journal.push({ t: done.journal.at(-1)?.t ?? 0, ...lost });
      return done;
    } finally {
      await capture?.stop();
    }
  }

  async #run(
    command: CaseCommand,
    signal: AbortSignal,
    onPhase: (phase: Phase) => void,
  ): Promise<{ journal: Entry[]; spoilt: boolean }> {
    signal.throwIfAborted();
    if (this.#death) throw this.#death;
    const done = new Promise<{ journal: Entry[]; spoilt: boolean }>((resolve, reject) => {
      this.#task = { onPhase, resolve, reject };
    });
    const onAbort = (): void => {
      this.#tell({ do: 'abort', why: (signal.reason as Error).message });
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#wasStopped = false;
    this.#tell({ do: 'run', ...command });
    try {
      const { journal, spoilt } = await done;
      if (this.#wasStopped) journal.push({ t: journal.at(-1)?.t ?? 0, ...STOPPED });
      return { journal, spoilt };
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#task = undefined;
    }
  }

  /** Ends the worker in order, or by force when it takes too long. Never rejects. */
  async close(): Promise<void> {
    this.#tell({ do: 'close' });
    try {
      await within(CLOSE_DEADLINE, 'closing a worker', this.#gone);
    } catch {
      this.#kill('did not close in time');
      await this.#gone;
    }
  }

  #tell(command: WorkerCommand): void {
    // a message to a process that is just dying is lost, and its death is what counts
    if (this.#child.connected) this.#child.send(command, () => undefined);
  }

  #hear(message: WorkerMessage): void {
    this.#silent = 0;
    switch (message.say) {
      case 'ready':
        this.#ready();
        return;
      case 'unable':
        this.#kill(`could not begin: ${message.why}`);
        return;
      case 'target':
        this.#target = message.pid;
        return;
      case 'phase':
        this.#task?.onPhase(message.phase);
        return;
      case 'journal':
        this.#target = undefined;
        this.#task?.resolve(message);
        return;
      case 'aborted':
        this.#task?.reject(new LastfinError('LASTFIN_INTERRUPTED', 'the case was aborted'));
        return;
      default:
    }
  }

  /** Continues a stopped worker. It is in a session of its own: only the target of its case can have stopped it. */
  #wake(): void {
    if (this.#child.pid === undefined || !wakeWorker(this.#child.pid)) return;
    this.#wasStopped = true;
  }

  #die(how: string): void {
    const said = this.#stderr.trim();
    this.#death ??= new LastfinError('LASTFIN_LAB', `a worker ${how}${said === '' ? '' : `:\n${said}`}`, {
      facts: { pid: this.#child.pid },
    });
    this.#task?.reject(this.#death);
  }

  #kill(how: string): void {
    this.#die(how);
    this.#child.kill('SIGKILL');
  }
}

function spawnWorker(command: string, args: readonly string[]): ChildProcess {
  try {
    return spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // a session of its own: Ctrl-C in the terminal is for the harness, which then takes this down in order
      detached: true,
    });
  } catch (cause) {
    // its pipes are made before it is spawned, and an error of these is thrown
    throw new LastfinError('LASTFIN_LAB', `a worker could not be started: ${startProblem(cause)}`, { cause });
  }
}

/** Limits of the machine that keep a process from being started, in words. */
const START_PROBLEMS: Record<string, string> = {
  EAGAIN: 'no more processes may be started here (`ulimit -u`, or `pids.max` of the control group)',
  ENOMEM: 'no memory is left',
  EMFILE: 'too few files may be open here (`ulimit -n`)',
  ENFILE: 'too many files are open on this machine',
};

function startProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = START_PROBLEMS[code];
  return known === undefined ? message : `${known}: ${message}`;
}
