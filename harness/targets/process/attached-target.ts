import { isRunning } from '../../../shared/is-running.ts';
import type { Exit, TargetProcess } from './target-process.ts';

/** What a run needs of its target, whoever started it. */
export type RunningTarget = Pick<TargetProcess, 'pid' | 'exited' | 'stderr' | 'signal' | 'kill'>;

/** How often it is looked whether the process is still there. ms */
const LOOK = 50;

/** A target that was running before: it is watched, and neither signalled nor stopped. Its output goes where it went. */
export class AttachedTarget implements RunningTarget {
  readonly pid: number;
  /** resolves when the process is gone; how it ended only its parent knows */
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

  /** It is not ours to signal. */
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
