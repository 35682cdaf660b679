import { isRunning } from '../../../shared/is-running.ts';
import type { Exit, TargetProcess } from './target-process.ts';

/** Target of a run, started by lastfin or attached to. */
export type RunningTarget = Pick<TargetProcess, 'pid' | 'exited' | 'stderr' | 'signal' | 'kill'>;

/** Interval between checks whether the process still exists, ms. */
const LOOK = 50;

/** Target that was running before: it is watched, and neither signalled nor stopped. Its output goes where it went. */
export class AttachedTarget implements RunningTarget {
  readonly pid: number;
  /** resolves when the process is gone; only its parent learns how it ended */
  readonly exited: Promise<Exit>;
  readonly stderr = '';
  readonly #watch: NodeJS.Timeout;

  constructor(pid: number) {
    this.pid = pid;
    const { promise, resolve } = deferred();
    this.exited = promise;
    this.#watch = setInterval(() => {
      if (isRunning(pid)) return;
      this.leave();
      resolve({ code: null, signal: null, at: performance.now() });
    }, LOOK);
  }

  /** Stops watching. */
  leave(): void {
    clearInterval(this.#watch);
  }

  /** Does nothing: an attached process is not ours to stop. */
  signal(): void {}

  async kill(): Promise<void> {
    this.leave();
  }
}

function deferred(): { promise: Promise<Exit>; resolve: (exit: Exit) => void } {
  let resolve: (exit: Exit) => void = () => undefined;
  const promise = new Promise<Exit>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
