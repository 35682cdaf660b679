import type { Recorder } from '../journal/recorder.ts';
import type { Target } from '../targets/file/target.ts';
import type { CaseLab } from './case-lab/case-lab.ts';
import { exitOf } from './phases/stop-target.ts';

/** The target exited while a case was under way. */
export class TargetDied extends Error {
  override readonly name = 'TargetDied';

  constructor(options?: ErrorOptions) {
    super('the target exited', options);
  }
}

/** Tells an exit that the case asked for from one that came by itself: that one goes into the journal and aborts the case. */
export class ExitWatch {
  /** resolves once the target is gone, for whatever reason */
  readonly exited: Promise<void>;
  readonly #died = new AbortController();
  #asked = false;

  constructor(
    { lab, recorder }: { lab: Pick<CaseLab, 'target'>; recorder: Recorder },
    { stop }: Pick<Target, 'stop'>,
  ) {
    this.exited = lab.target.exited.then((exit) => {
      if (this.#asked) return;
      recorder.write(exitOf(lab.target, exit, { asked: false, within: false, since: exit.at, stop }));
      this.#died.abort(new TargetDied());
    });
  }

  /** aborted with {@link TargetDied} when the target exits by itself */
  get signal(): AbortSignal {
    return this.#died.signal;
  }

  /** whether the case has told the target to stop */
  get wasAsked(): boolean {
    return this.#asked;
  }

  /** Takes an exit for no death from now on. */
  expectExit(): void {
    this.#asked = true;
  }
}
