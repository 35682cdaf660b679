/** How a line of a target's log tells a count: the count itself as the first group, or one more and, of a live one, one less. */
export type LogGauge = { value: RegExp } | { up: RegExp; down?: RegExp };

/**
 * Counts that a target tells of in its log.
 *
 * @example
 * const gauges = new LogGauges({ records: { up: /opened/, down: /closed/ } });
 * gauges.read('connection 7 opened');
 * gauges.values; // { records: 1 }
 */
export class LogGauges {
  readonly #gauges: readonly [name: string, how: LogGauge][];
  readonly #values: Record<string, number>;

  constructor(gauges: Readonly<Record<string, LogGauge>>) {
    this.#gauges = Object.entries(gauges);
    this.#values = Object.fromEntries(this.#gauges.map(([name]) => [name, 0]));
  }

  /** Takes one line of stdout. */
  read(line: string): void {
    for (const [name, how] of this.#gauges) {
      const before = this.#values[name] ?? 0;
      this.#values[name] = 'value' in how ? (told(how.value, line) ?? before) : before + step(how, line);
    }
  }

  get values(): Record<string, number> {
    return { ...this.#values };
  }
}

function told(pattern: RegExp, line: string): number | undefined {
  const text = pattern.exec(line)?.[1];
  return text === undefined || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function step({ up, down }: { up: RegExp; down?: RegExp }, line: string): number {
  return Number(up.test(line)) - Number(down?.test(line) ?? false);
}
