/**
 * Timers of this process by their deadline in shifted time. Node's own machinery fires them: a due timer is moved into Node's list for
 * 0 ms, so that its context, errors, repetition and `refresh` are all Node's.
 */
import type { TimerLike } from '../census/census.ts';
import { clockOffset, machineNow } from './clocks.ts';
import { isOwn } from '../base/own.ts';
import { refresh } from '../base/timer-methods.ts';

/**
 * Fraction subtracted from `_idleStart` of timers with a known deadline. Node writes whole milliseconds when it arms a timer, so a timer
 * that was armed again shows; a smaller start never makes one late.
 */
const MARK = 0.25;
/** Distance (ms) from the present step within which a timer counts as armed in it. */
const SAME_STEP = 2;

/** Deadlines of the timers that an earlier advance left behind, valid while they are marked. */
const left = new WeakMap<TimerLike, number>();

const realTimeout = setTimeout;
const realClear = clearTimeout;

export class Schedule {
  readonly #deadlines = new Map<TimerLike, number>();
  /** machine time minus Node's loop time, ms */
  readonly #base: number;

  constructor(timers: readonly TimerLike[]) {
    this.#base = Math.min(loopTimeBase(), loopTimeBase(), loopTimeBase());
    for (const timer of timers) this.add(timer);
  }

  get size(): number {
    return this.#deadlines.size;
  }

  /** Adds a timer created or found since the last update. */
  add(timer: TimerLike): void {
    if (!isOwn(timer) && isArmed(timer)) this.#deadlines.set(timer, left.get(timer) ?? NaN);
  }

  /** Updates the timers that the program has armed or cleared since the last call. `step`: the present step, in shifted time. */
  update(step: number): void {
    for (const [timer, deadline] of this.#deadlines) {
      if (!isArmed(timer)) this.#deadlines.delete(timer);
      else if (!isMarked(timer) || Number.isNaN(deadline)) {
        const armed = timer._idleStart + this.#base + clockOffset();
        const since = Math.abs(armed - step) < SAME_STEP ? step : armed;
        this.#deadlines.set(timer, since + timer._idleTimeout);
        timer._idleStart -= MARK;
      }
    }
  }

  /** Next deadline, in shifted time. */
  next(): number {
    let next = Infinity;
    for (const deadline of this.#deadlines.values()) if (deadline < next) next = deadline;
    return next;
  }

  /** Makes Node fire everything that is due by `time`, in order, in the next turn of the loop. */
  fire(time: number): TimerLike[] {
    const due = [...this.#deadlines].filter(([, deadline]) => deadline <= time);
    due.sort(([, a], [, b]) => a - b);
    for (const [timer] of due) arm(timer, 0);
    return due.map(([timer]) => timer);
  }

  /** Gives every timer its remaining time, in real time. */
  leave(time: number): void {
    for (const [timer, deadline] of this.#deadlines) {
      arm(timer, Math.max(1, deadline - time));
      left.set(timer, deadline);
    }
    this.#deadlines.clear();
  }
}

/** Whether a timer waits in Node's 0 ms list. A fired timer is destroyed, or armed again and so unmarked. */
export function isWaiting(timer: TimerLike): boolean {
  return isArmed(timer) && isMarked(timer);
}

function isArmed(timer: TimerLike): boolean {
  return (
    !timer._destroyed &&
    timer._idleTimeout > 0 &&
    typeof timer._onTimeout === 'function' &&
    Boolean(timer._idleNext)
  );
}

function isMarked(timer: TimerLike): boolean {
  return !Number.isInteger(timer._idleStart);
}

function arm(timer: TimerLike, after: number): void {
  const period = timer._idleTimeout;
  timer._idleTimeout = after;
  Reflect.apply(refresh, timer, []);
  timer._idleTimeout = period;
  timer._idleStart -= MARK;
}

function loopTimeBase(): number {
  const timer = realTimeout(() => undefined, 1e6) as unknown as TimerLike & NodeJS.Timeout;
  const base = machineNow() - timer._idleStart;
  realClear(timer);
  return base;
}
