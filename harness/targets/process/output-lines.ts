/** Most characters of a line that are kept. */
const LONGEST = 64 * 1024;

/** Splits a program's output into lines. A line without an end costs no memory: characters beyond the limit are counted and dropped. */
export class OutputLines {
  /** number of dropped characters */
  dropped = 0;
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.#add(text, from, at);
      this.#emit();
      from = at + 1;
    }
    this.#add(text, from, text.length);
  }

  /** Emits the last line, which has no line end. */
  end(): void {
    if (this.#rest !== '') this.#emit();
  }

  #add(text: string, from: number, to: number): void {
    const room = LONGEST - this.#rest.length;
    const end = Math.min(to, from + room);
    // a copy: a slice would keep the whole piece alive
    this.#rest += text.slice(from, end);
    this.dropped += to - end;
  }

  #emit(): void {
    const line = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest;
    this.#rest = '';
    this.#onLine(line);
  }
}
