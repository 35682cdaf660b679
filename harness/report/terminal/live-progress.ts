import { createLogUpdate } from 'log-update';

import type { Verdict } from '../../judge/verdict.ts';
import type { Phase } from '../../journal/entry.ts';
import { duration } from '../duration.ts';
import type { Palette } from './palette.ts';
import { plainLine } from '../plain-text.ts';
import { shorten } from './wrap.ts';

/** Running cases that are shown by name. */
const MOST = 8;
const REFRESH = 200;

/** A block at the foot of a terminal, drawn over itself: the running cases with their phases, and the counts so far. */
export class LiveProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Palette;
  readonly #now: () => number;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #running = new Map<string, { since: number; phase?: Phase }>();
  readonly #counts = new Map<Verdict, number>();
  readonly #cases: number;
  readonly #start: number;
  readonly #timer: NodeJS.Timeout;

  constructor(stream: NodeJS.WriteStream, paint: Palette, cases: number, now: () => number) {
    this.#stream = stream;
    this.#paint = paint;
    this.#now = now;
    this.#cases = cases;
    this.#start = now();
    this.#draw = createLogUpdate(stream);
    this.#timer = setInterval(() => {
      this.#refresh();
    }, REFRESH).unref();
    this.#refresh();
  }

  started(id: string): void {
    this.#running.set(id, { since: this.#now() });
    this.#refresh();
  }

  phase(id: string, phase: Phase): void {
    // another attempt begins with its first phase
    const running = this.#running.get(id) ?? { since: this.#now() };
    this.#running.set(id, { ...running, phase });
  }

  /** Takes a case off the list that will be run again later. */
  waits(id: string): void {
    this.#running.delete(id);
    this.#refresh();
  }

  ended(id: string, verdict: Verdict): void {
    this.#running.delete(id);
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1);
    this.#refresh();
  }

  /** Prints lines that stay, above the block. */
  print(lines: string[]): void {
    this.#draw.clear();
    this.#stream.write(`${lines.join('\n')}\n`);
    this.#refresh();
  }

  /** Takes the block away and gives the cursor back. */
  stop(): void {
    clearInterval(this.#timer);
    this.#draw.clear();
    this.#draw.done();
  }

  #refresh(): void {
    this.#draw(this.#block().join('\n'));
  }

  #block(): string[] {
    const now = this.#now();
    const width = this.#stream.columns || 80;
    const rows = [...this.#running].slice(0, MOST).map(([id, { since, phase }]) => {
      const note = `${phase ?? 'start'}  ${duration(Math.floor((now - since) / 100) * 100)}`;
      return `  ${shorten(plainLine(id), width - note.length - 6)}  ${this.#paint.dim(note)}`;
    });
    if (this.#running.size > MOST) rows.push(`  and ${this.#running.size - MOST} more`);
    const done = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const counts = [...this.#counts].map(([verdict, count]) =>
      this.#paint.verdict[verdict](`${count} ${verdict}`),
    );
    const took = duration(Math.floor((now - this.#start) / 100) * 100);
    return ['', ...rows, [`${done} of ${this.#cases} cases`, ...counts, took].join(' · ')];
  }
}
