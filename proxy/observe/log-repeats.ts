import { systemClock } from '../clock/clock.ts';
import type { Clock, Timer } from '../clock/clock.ts';
import type { ProxyLogger } from './logger.ts';

/** Modes of repeated lines. `all`: write every line; `counted`: write the first of many alike, then the number of the others. */
export const LOG_REPEATS = ['all', 'counted'] as const;
export type LogRepeats = (typeof LOG_REPEATS)[number];

/** Similar lines that are written whole in a window, and its length in ms. */
export const WHOLE_LINES = 10;
export const REPEAT_WINDOW = 1000;

/** Lines that can come by the thousand: similar if the fields `by` are equal; figures in `sum` are added up. */
type Repeated = { by: readonly string[]; sum?: readonly string[] };
const REPEATED: ReadonlyMap<string, Repeated> = new Map(
  Object.entries({
    connection_end: {
      by: ['route', 'incoming', 'outgoing', 'attempt'],
      sum: ['bytesIn', 'bytesOut', 'upstreamBytesIn', 'upstreamBytesOut'],
    },
    socket_error: { by: ['side', 'code'] },
    inactivity_warning: { by: ['route'] },
    proxy_header_invalid: { by: [] },
    http_fault: { by: ['route', 'fault'] },
    forward_failed: { by: [] },
    accept_refused: { by: ['cause'] },
    listener_error: { by: ['code'] },
    cleanup_step_failed: { by: ['step'] },
  }),
);

type Level = 'info' | 'warn' | 'error';
type Fields = Record<string, unknown>;

/** Similar lines in the present window, with the sums of their figures. */
type Kind = {
  readonly since: number;
  readonly level: Level;
  readonly common: Fields;
  readonly repeated: Repeated;
  readonly sums: (number | undefined)[];
  written: number;
  count: number;
};

/**
 * Logger that stays readable when thousands of connections end at once, and loses nothing. In each window the first lines of
 * a kind are written whole; the others become one line with their `count` and the sums of their figures. Added up, the counts
 * of all lines (1 if absent) equal the counters.
 *
 * @example
 * import { createLogger, RepeatedLines } from 'lastfin/proxy';
 *
 * const logger = new RepeatedLines(createLogger('info'));
 * process.on('exit', () => logger.flush());
 */
export class RepeatedLines implements ProxyLogger {
  readonly #logger: ProxyLogger;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();
  /** kind of the last line: under load it is that of the next one, too, and no key is made */
  #last: Kind | undefined;
  #timer: Timer | undefined;

  constructor(logger: ProxyLogger, clock: Clock = systemClock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  info(fields: Fields, message: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: Fields, message: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: Fields, message: string): void {
    this.#write('error', fields, message);
  }

  /** Writes what was held back; call it before the process ends. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const kinds = [...this.#kinds.values()];
    this.#kinds.clear();
    this.#last = undefined;
    for (const { level, common, repeated, sums, count } of kinds) {
      if (count === 0) continue;
      const figures = Object.fromEntries((repeated.sum ?? []).map((name, at) => [name, sums[at]]));
      this.#logger[level]({ ...common, count, ...figures }, `${count} more: ${describe(common)}`);
    }
  }

  countAlike(level: Level, event: string, fields: Fields): boolean {
    const kind = this.#kindOf(level, event, fields);
    return kind !== undefined && this.#hold(kind, fields);
  }

  #write(level: Level, fields: Fields, message: string): void {
    const event = String(fields['event']);
    const kind = this.#kindOf(level, event, fields);
    if (kind !== undefined) {
      if (this.#hold(kind, fields)) return;
      kind.written += 1;
    }
    this.#logger[level](fields, message);
  }

  /** Counts a line of which there are enough already. */
  #hold(kind: Kind, fields: Fields): boolean {
    if (kind.written < WHOLE_LINES) return false;
    kind.count += 1;
    const { sums, repeated } = kind;
    for (let at = 0; at < sums.length; at++) {
      const figure = fields[repeated.sum![at]!];
      if (typeof figure === 'number') sums[at] = (sums[at] ?? 0) + figure;
    }
    // the timer exists only while something is held back
    this.#timer ??= this.#clock.setTimeout(() => this.flush(), REPEAT_WINDOW);
    return true;
  }

  /** Finds the lines like this one; undefined for an event of which every line is written. */
  #kindOf(level: Level, event: string, fields: Fields): Kind | undefined {
    const repeated = REPEATED.get(event);
    if (repeated === undefined) return undefined;
    const last = this.#last;
    if (last?.repeated === repeated && last.count > 0 && isAlike(last, fields)) return last;
    const { by } = repeated;
    let key = event;
    for (const name of by) key += `\0${String(fields[name])}`;
    const present = this.#kinds.get(key);
    // a kind with held-back lines stays until its line is written
    if (present !== undefined && present.count > 0) return (this.#last = present);
    const now = this.#clock.now();
    if (present !== undefined && now - present.since < REPEAT_WINDOW) return present;
    const kind: Kind = {
      since: now,
      level,
      common: pick({ ...fields, event }, ['event', ...by]),
      repeated,
      sums: (repeated.sum ?? []).map(() => undefined),
      written: 0,
      count: 0,
    };
    this.#kinds.set(key, kind);
    return kind;
  }
}

function isAlike({ repeated: { by }, common }: Kind, fields: Fields): boolean {
  return by.every((name) => fields[name] === common[name]);
}

function pick(fields: Fields, names: readonly string[]): Fields {
  const picked: Fields = {};
  for (const name of names) if (fields[name] !== undefined) picked[name] = fields[name];
  return picked;
}

function describe(common: Fields): string {
  return Object.values(common).map(String).join(' ');
}
