/** Characters of a message; the report of a target with thousands of leaks is one MiB. */
const LONGEST = 64 * 2 ** 20;

/** Cuts what comes over a socket into lines, and bounds what is kept of one that does not end. */
export class MessageLines {
  #parts: string[] = [];
  #length = 0;

  /** The line that has begun is longer than any message can be. */
  get isTooLong(): boolean {
    return this.#length > LONGEST;
  }

  /** The lines that end in this piece. */
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
