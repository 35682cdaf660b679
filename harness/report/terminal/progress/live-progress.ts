import { createLogUpdate } from 'log-update';

import type { Palette } from '../palette.ts';
import type { Progress } from './progress.ts';
import type { RunningCases } from './running-cases.ts';
import { shorten } from '../wrap.ts';

/** Running cases that are shown by name. */
const MOST = 8;
const REFRESH = 200;

/** A block at the foot of a terminal, drawn over itself: the running cases with their phases, and the counts so far. */
export class LiveProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Palette;
  readonly #cases: RunningCases;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;

  constructor(stream: NodeJS.WriteStream, paint: Palette, cases: RunningCases) {
    this.#stream = stream;
    this.#paint = paint;
    this.#cases = cases;
    this.#draw = createLogUpdate(stream);
    this.#timer = setInterval(() => {
      this.changed();
    }, REFRESH).unref();
    this.changed();
  }

  changed(): void {
    this.#draw(this.#block().join('\n'));
  }

  /** Prints lines that stay, above the block. */
  print(lines: string[]): void {
    this.#draw.clear();
    this.#stream.write(`${lines.join('\n')}\n`);
    this.changed();
  }

  /** Takes the block away and gives the cursor back. */
  stop(): void {
    clearInterval(this.#timer);
    this.#draw.clear();
    this.#draw.done();
  }

  #block(): string[] {
    const width = this.#stream.columns || 80;
    const rows = this.#cases.names(MOST).map(({ id, phase, took }) => {
      const note = `${phase}  ${took}`;
      return `  ${shorten(id, width - note.length - 6)}  ${this.#paint.dim(note)}`;
    });
    if (this.#cases.size > MOST) rows.push(`  and ${this.#cases.size - MOST} more`);
    return ['', ...rows, this.#cases.summary(this.#paint)];
  }
}
