import { groupsIn, matches, type Pattern } from '../../../shared/yaml-file/pattern.ts';

/** Pattern of a log line that tells a count: the count itself as the first group, or an increment and, for a live count, a decrement. */
export type LogGauge = { value: Pattern } | { up: Pattern; down?: Pattern };

/**
 * Counts that a target reports in its log.
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

  /** Reads one line of stdout. */
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

function told(pattern: Pattern, line: string): number | undefined {
  const text = groupsIn(pattern, line)?.numbered[0];
  return text === undefined || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function step({ up, down }: { up: Pattern; down?: Pattern }, line: string): number {
  return Number(matches(up, line)) - Number(down !== undefined && matches(down, line));
}
