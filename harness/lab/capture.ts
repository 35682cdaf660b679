import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { within } from '../../shared/within.ts';
import { toolPath } from './system-tool.ts';

/** Time limits for its start and its end, ms. */
const START_DEADLINE = 10_000;
const STOP_DEADLINE = 5_000;
/** tcpdump takes packets from the kernel at least once a second: a file that has not grown for longer has them all. ms */
const QUIET = 1_100;
const QUIET_DEADLINE = 5_000;
/** Memory for packets that wait to be written, KiB. */
const BUFFER = 64 * 1024;
/** Interval of the looks at the file's size, ms. */
const LOOK = 250;

/** Size (bytes) at which a capture ends by itself: a flood must not fill the disk. */
export const LARGEST_CAPTURE = 256 * 2 ** 20;

export type CaptureOptions = {
  /** file that is written */
  file: string;
  /** device, or `any` */
  device: string;
  /** prefix of a command that runs it in a namespace */
  enter?: readonly string[];
};

/**
 * Keeps the packets of a network namespace in a pcap file, by tcpdump.
 */
export class Capture {
  readonly #child: ChildProcess;
  readonly #file: string;
  readonly #ended: Promise<void>;
  readonly #watch: NodeJS.Timeout;
  #said = '';
  #stopping: Promise<number> | undefined;

  private constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#file = file;
    this.#ended = new Promise((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    this.#watch = setInterval(() => {
      if (sizeOf(file) >= LARGEST_CAPTURE) child.kill('SIGINT');
    }, LOOK).unref();
  }

  /** Resolves when packets are taken. Rejects with `LASTFIN_LAB` and the words of tcpdump, or what to install. */
  static async start({ file, device, enter = [] }: CaptureOptions): Promise<Capture> {
    // it gives root away by itself unless told otherwise, and cannot in a namespace of one user
    const asRoot = process.getuid?.() === 0 ? ['-Z', 'root'] : [];
    const how = ['-U', '-n', '-B', String(BUFFER), '-i', device, '-w', file];
    const [command = '', ...rest] = [...enter, toolPath('tcpdump'), ...asRoot, ...how];
    const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
    const capture = new Capture(child, file);
    const ready = new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        capture.#said += text;
        if (capture.#said.includes('listening on')) resolve();
      });
      child.once('error', reject);
      void capture.#ended.then(() => {
        reject(new LastfinError('LASTFIN_LAB', `packets cannot be captured: ${capture.#said.trim()}`));
      });
    });
    try {
      await within(START_DEADLINE, 'starting tcpdump', ready);
    } catch (error) {
      await capture.#end('SIGKILL');
      throw error;
    }
    return capture;
  }

  /** Ends the capture; resolves, when its file is complete, with the number of packets that were lost. May be called again. */
  stop(): Promise<number> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<number> {
    await this.#untilQuiet();
    await this.#end('SIGINT');
    return Number(/(\d+) packets? dropped by kernel/.exec(this.#said)?.[1] ?? 0);
  }

  /** Waits until the file does not grow any more: a busy machine lets tcpdump come late. */
  async #untilQuiet(): Promise<void> {
    const end = performance.now() + QUIET_DEADLINE;
    for (let size = -1; size !== sizeOf(this.#file) && performance.now() < end;) {
      size = sizeOf(this.#file);
      await delay(QUIET);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    clearInterval(this.#watch);
    this.#child.kill(signal);
    try {
      await within(STOP_DEADLINE, 'stopping tcpdump', this.#ended);
    } catch {
      this.#child.kill('SIGKILL');
      await this.#ended;
    }
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
