import type { EndLine } from '../journal/entry.ts';
import type { Recorder } from '../journal/recorder.ts';

/** End lines kept per connection of the case, and the minimum kept: a case has at most a dozen rounds. */
const EACH = 40;
const LEAST = 10_000;
/** Characters of an id, a reason or an address that are kept. */
const LONGEST = 256;

/** Writes a target's end lines into the journal, up to the number that its connections can have, however many it prints. */
export class EndLineJournal {
  readonly #recorder: Recorder;
  readonly #most: number;
  #written = 0;
  #leftOut = 0;

  /** @param connections of one round */
  constructor(recorder: Recorder, connections: number) {
    this.#recorder = recorder;
    this.#most = Math.max(LEAST, EACH * connections);
  }

  write(line: EndLine): void {
    if (this.#written >= this.#most) {
      this.#leftOut++;
      return;
    }
    this.#written++;
    this.#recorder.write({ type: 'end-line', ...shortened(line) });
  }

  /** Notes how many end lines were left out; called when the case is over. */
  close(): void {
    if (this.#leftOut === 0) return;
    const what = `${this.#leftOut} more lines of ended connections in its log: the first ${this.#most} are judged`;
    this.#recorder.write({ type: 'blind', what });
  }
}

function shortened(line: EndLine): EndLine {
  const entries = Object.entries(line).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.slice(0, LONGEST) : value,
  ]);
  return Object.fromEntries(entries) as EndLine;
}
