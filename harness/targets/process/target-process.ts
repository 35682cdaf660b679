import { setTimeout as delay } from 'node:timers/promises';

import { execa, type ResultPromise } from 'execa';

import { findProgram } from '../../lab/system-tool.ts';
import { trySignal } from '../../../shared/try-signal.ts';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { OutputLines } from './output-lines.ts';

/** How a target process is started. */
export type Launch = { command: string; args: string[]; env: Record<string, string> };

export type Exit = { code: number | null; signal: string | null; at: number };

/** Characters of output kept for error messages. */
const TAIL = 8192;

/** How long after its exit a target's output is still waited for. ms */
const OUTPUT_WITHIN = 500;

const OPTIONS = { reject: false, buffer: false, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' } as const;

/**
 * A target, in a process group of its own: Ctrl-C in the terminal reaches only the harness, which then stops the target
 * in order, and a kill reaches the target's children too.
 */
export class TargetProcess {
  readonly launch: Launch;
  readonly pid: number;
  /** resolves when the process has exited and its output has been read */
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;
  #stderr = '';
  #stdout = '';
  readonly #lines: OutputLines;
  readonly #lineListeners = new Set<(line: string) => void>();
  readonly #outputListeners = new Set<(stream: 'stdout' | 'stderr', line: string) => void>();

  private constructor(
    launch: Launch,
    child: ResultPromise<typeof OPTIONS & { detached: true }>,
    pid: number,
  ) {
    this.launch = launch;
    this.pid = pid;
    const errorLines = new OutputLines((line) => {
      for (const listener of this.#outputListeners) listener('stderr', line);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-TAIL);
      errorLines.take(text);
    });
    child.stderr.once('close', () => {
      errorLines.end();
    });
    this.#lines = new OutputLines((line) => {
      this.#stdout = `${this.#stdout}${line}\n`.slice(-TAIL);
      for (const listener of this.#lineListeners) listener(line);
      for (const listener of this.#outputListeners) listener('stdout', line);
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#lines.take(text);
    });
    const read = new Promise<void>((resolve) => {
      child.stdout.once('close', () => {
        this.#lines.end();
        resolve();
      });
    });
    const ended = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve({ code, signal, at: performance.now() });
      });
    });
    this.exited = ended.then(async (exit) => {
      // children that it left behind may hold its output open for ever
      await Promise.race([read, delay(OUTPUT_WITHIN, undefined, { ref: false })]);
      this.exit = exit;
      return exit;
    });
    // it ends when the output does: too late for us
    child.catch(() => undefined);
  }

  /**
   * Rejects with `LASTFIN_TARGET_START` when the command cannot be spawned.
   *
   * @param prefix a command that becomes the target's by exec, such as `nsenter …`: the process stays the same
   */
  static async spawn(launch: Launch, prefix: readonly string[] = []): Promise<TargetProcess> {
    // the Node that runs the harness, or the one that is asked for: `node` means one thing in a run
    const command =
      launch.command === 'node' ? (process.env['LASTFIN_NODE'] ?? process.execPath) : launch.command;
    // a program that is not there is told as such only without the prefix
    const before = findProgram(command) === undefined ? [] : prefix;
    const [file = command, ...rest] = [...before, command, ...launch.args];
    const child = execa(file, rest, { ...OPTIONS, detached: true, env: launch.env });
    if (child.pid !== undefined) return new TargetProcess(launch, child, child.pid);
    const { cause, originalMessage } = await child;
    throw new LastfinError(
      'LASTFIN_TARGET_START',
      `cannot start the target: ${originalMessage ?? 'spawn failed'}\n  ${commandLine(launch)}`,
      { facts: { ...launch }, cause },
    );
  }

  /** Calls `listener` for the lines of stdout printed so far (as far as they are kept) and for all to come. */
  onLine(listener: (line: string) => void): () => void {
    for (const line of this.#stdout.split('\n').slice(0, -1)) listener(line);
    this.#lineListeners.add(listener);
    return () => this.#lineListeners.delete(listener);
  }

  /** Calls `listener` for the lines to come only; the returned function takes it off. */
  onNextLine(listener: (line: string) => void): () => void {
    this.#lineListeners.add(listener);
    return () => this.#lineListeners.delete(listener);
  }

  /** Calls `listener` for the lines of both outputs to come. */
  onOutput(listener: (stream: 'stdout' | 'stderr', line: string) => void): void {
    this.#outputListeners.add(listener);
  }

  /** Characters of stdout that were left out, since their line was too long. */
  get outputDropped(): number {
    return this.#lines.dropped;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The last of both outputs, for an error message. */
  get output(): string {
    return [this.#stdout.trimEnd(), this.#stderr.trimEnd()].filter((text) => text !== '').join('\n');
  }

  /** Sends a signal to the target alone, as an operator would. */
  signal(signal: NodeJS.Signals): void {
    if (!this.exit) trySignal(this.pid, signal);
  }

  /** Ends the target and all its children, for certain. */
  async kill(): Promise<void> {
    trySignal(-this.pid, 'SIGKILL');
    await this.exited;
  }
}

/** The command as a user would type it, to start the target by hand. */
export function commandLine({ command, args, env }: Launch): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quote(value)}`);
  return [...variables, command, ...args.map(quote)].join(' ');
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
