/** Most characters of a message; the report of a target with thousands of leaks is one MiB. */
const LONGEST = 64 * 2 ** 20;

/** Splits the text from a socket into lines, and limits what is kept of a line that does not end. */
export class MessageLines {
  #parts: string[] = [];
  #length = 0;

  /** Whether the unfinished line is longer than any message can be. */
  get isTooLong(): boolean {
    return this.#length > LONGEST;
  }

  /** Lines that end in this piece. */
  take(text: string): string[] {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    const [first] = lines;
    if (first !== undefined) {
      lines[0] = this.#parts.join('') + first;
      this.#parts = [];
      this.#length = 0;
    }
    this.#parts.push(rest);
    this.#length += rest.length;
    return lines;
  }
}
