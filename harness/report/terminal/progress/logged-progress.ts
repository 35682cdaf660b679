import type { TextOutput } from '../../reporter.ts';
import type { Palette } from '../palette.ts';
import type { Progress } from './progress.ts';
import type { RunningCases } from './running-cases.ts';

/** Time (ms) without a line after which the log of a run says how far it is. */
const SILENCE = 30_000;
/** Running cases that are named. */
const MOST = 4;

/** Lines for a log, where nothing can be drawn over: after half a minute without any, the counts so far and what runs. */
export class LoggedProgress implements Progress {
  readonly #stream: NodeJS.WriteStream | TextOutput;
  readonly #paint: Palette;
  readonly #cases: RunningCases;
  readonly #silence: number;
  #timer: NodeJS.Timeout;

  constructor(
    stream: NodeJS.WriteStream | TextOutput,
    paint: Palette,
    cases: RunningCases,
    silence: number = SILENCE,
  ) {
    this.#stream = stream;
    this.#paint = paint;
    this.#cases = cases;
    this.#silence = silence;
    this.#timer = this.#later();
  }

  changed(): void {}

  print(lines: string[]): void {
    this.#stream.write(`${lines.join('\n')}\n`);
    clearTimeout(this.#timer);
    this.#timer = this.#later();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => {
      const names = this.#cases.names(MOST).map(({ id, phase, took }) => `${id} (${phase}, ${took})`);
      const more = this.#cases.size > MOST ? [`and ${this.#cases.size - MOST} more`] : [];
      const running = [...names, ...more].join(', ');
      this.print([
        this.#paint.dim(
          `${this.#cases.summary(this.#paint)}${running === '' ? '' : ` · running ${running}`}`,
        ),
      ]);
    }, this.#silence).unref();
  }
}
