import type { Entry, OutputLine } from '../../journal/entry.ts';
import type { Recorder } from '../../journal/recorder.ts';

/** Most bytes of lines that a journal keeps: the last ones. */
const MOST = 64 * 1024;
/** Bytes that a line costs beside its text. */
const EACH = 48;
/** Most characters of one line. */
const LONGEST = 4096;
/** Lines given up at the front of the list before it is made anew. */
const SLACK = 1024;

type Kept = { t: number; bytes: number; line: OutputLine };

/** Keeps the last lines that a target printed, with their times, and puts them into the journal at the end of the case. */
export class OutputLog {
  readonly #recorder: Pick<Recorder, 'at' | 'insert' | 'series'>;
  #lines: Kept[] = [];
  #first = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(recorder: Pick<Recorder, 'at' | 'insert' | 'series'>) {
    this.#recorder = recorder;
  }

  add(stream: OutputLine['stream'], line: string): void {
    if (!this.#recorder.series) return;
    const text = line.slice(0, LONGEST);
    const bytes = Buffer.byteLength(text) + EACH;
    const t = this.#recorder.at(performance.now());
    const cut = text.length < line.length;
    this.#lines.push({ t, bytes, line: { stream, text, ...(cut ? { cut } : {}) } });
    this.#bytes += bytes;
    while (this.#bytes > MOST) this.#drop();
  }

  /** Writes what is kept. */
  close(): void {
    const lines = this.#lines.slice(this.#first);
    const entries = lines.map(({ t, line }, index): Entry => {
      const dropped = index === 0 && this.#dropped > 0 ? { dropped: this.#dropped } : {};
      return { t, type: 'output', ...line, ...dropped };
    });
    this.#recorder.insert(entries);
    this.#lines = [];
  }

  #drop(): void {
    this.#bytes -= this.#lines[this.#first]?.bytes ?? 0;
    this.#first++;
    this.#dropped++;
    if (this.#first < SLACK) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }
}
