/**
 * The timers of this process by their deadline in shifted time. Node's own machinery fires them: a timer that is due is put
 * into Node's list for 0 ms, so that its context, errors, repetition and `refresh` are all Node's.
 */
import type { TimerLike } from '../census/census.ts';
import { clockOffset, machineNow } from './clocks.ts';
import { isOwn } from '../base/own.ts';
import { refresh } from '../base/timer-methods.ts';

/**
 * Node writes whole milliseconds into `_idleStart` whenever it arms a timer. We take this off where the deadline is known,
 * so that a timer armed again shows; a smaller start never makes one late.
 */
const MARK = 0.25;
/** A timer armed within this of the present step was armed in it. ms */
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

  /** Timers made or found since. */
  add(timer: TimerLike): void {
    if (!isOwn(timer) && isArmed(timer)) this.#deadlines.set(timer, left.get(timer) ?? NaN);
  }

  /** Takes in what the program has armed or cleared since the last call. `step`: the present step, in shifted time. */
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

  /** The next deadline, in shifted time. */
  next(): number {
    let next = Infinity;
    for (const deadline of this.#deadlines.values()) if (deadline < next) next = deadline;
    return next;
  }

  /** Has Node fire everything that is due by `time`, in order, in the next turn of the loop. */
  fire(time: number): TimerLike[] {
    const due = [...this.#deadlines].filter(([, deadline]) => deadline <= time);
    due.sort(([, a], [, b]) => a - b);
    for (const [timer] of due) arm(timer, 0);
    return due.map(([timer]) => timer);
  }

  /** Gives every timer what is left of its time, in real time. */
  leave(time: number): void {
    for (const [timer, deadline] of this.#deadlines) {
      arm(timer, Math.max(1, deadline - time));
      left.set(timer, deadline);
    }
    this.#deadlines.clear();
  }
}

/** Waits in Node's 0 ms list. One that has fired is destroyed, or armed again and so unmarked. */
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
