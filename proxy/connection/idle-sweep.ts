import type { Clock, Timer } from '../clock/clock.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { Limits } from '../limits/limits.ts';
import type { TerminationReason } from './termination.ts';
import { activityMark } from './transferred-bytes.ts';

/** Idle limits in ms; 0 is off. */
export type IdleLimits = Pick<
  Limits,
  'inactivityTimeout' | 'halfOpenTimeout' | 'keepAlive' | 'keepAliveMultiplier' | 'keepAliveGrace'
>;

/** Callbacks for connections that the sweep finds idle. */
export type IdleEvents = {
  onIdle(record: ConnectionRecord, reason: TerminationReason): void;
  /** called once for an idle keep-alive connection; it is closed after the grace unless a byte passes */
  onWarning(record: ConnectionRecord): void;
};

const MIN_PERIOD = 25;
const MAX_PERIOD = 15_000;

/**
 * Interval of the sweep, in ms: an eighth of the shortest limit. A connection is closed at most two intervals after its limit:
 * one in which its last byte went unnoticed, one in which the limit passed.
 */
export function sweepPeriod(idle: IdleLimits): number | undefined {
  const grace = idle.keepAlive === 'off' ? 0 : idle.keepAliveGrace;
  const limits = [inactivityLimit(idle), idle.halfOpenTimeout].filter(
    (limit) => limit > 0 && limit < Infinity,
  );
  if (limits.length > 0 && grace > 0) limits.push(grace);
  if (limits.length === 0) return undefined;
  return Math.min(Math.max(Math.min(...limits) / 8, MIN_PERIOD), MAX_PERIOD);
}

/**
 * Finds idle connections with one timer for all: it compares byte counts between two sweeps, so that passing bytes cost
 * nothing. The timer exists only while there are connections.
 */
export class IdleSweep {
  readonly #limits: IdleLimits;
  readonly #clock: Clock;
  readonly #records: () => Iterable<ConnectionRecord>;
  readonly #events: IdleEvents;
  readonly #period: number | undefined;
  #timer: Timer | undefined;

  constructor(
    limits: IdleLimits,
    clock: Clock,
    records: () => Iterable<ConnectionRecord>,
    events: IdleEvents,
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#records = records;
    this.#events = events;
    this.#period = sweepPeriod(limits);
  }

  /** Starts the sweep; call when there is a connection to watch. */
  start(): void {
    if (this.#timer !== undefined || this.#period === undefined) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      // schedules the next sweep first, so that a failure in this one does not end the watch
      this.start();
      this.#sweep();
    }, this.#period);
  }

  /** Stops the sweep; call when no connection is left. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const record of this.#records()) {
      if (record.ending) continue;
      const mark = activityMark(record);
      if (mark !== record.activity.mark) {
        record.activity = { mark, since: now };
        continue;
      }
      const reason = idleReason(now - record.activity.since, record.firstEnd !== undefined, this.#limits);
      if (reason !== undefined && !this.#isSpared(record, reason, now)) this.#events.onIdle(record, reason);
    }
  }

  /** Warns of an idle keep-alive connection first and spares it for the grace. */
  #isSpared(record: ConnectionRecord, reason: TerminationReason, now: number): boolean {
    const { keepAlive, keepAliveGrace } = this.#limits;
    if (keepAlive === 'off' || reason !== 'inactivity') return false;
    if (record.activity.warnedAt === undefined) {
      record.activity.warnedAt = now;
      this.#events.onWarning(record);
    }
    return now - record.activity.warnedAt < keepAliveGrace;
  }
}

/** Time for which a connection may be idle, in ms. */
function inactivityLimit({ inactivityTimeout, keepAlive, keepAliveMultiplier }: IdleLimits): number {
  if (inactivityTimeout === 0 || keepAlive === 'immortal') return Infinity;
  return keepAlive === 'extended' ? inactivityTimeout * keepAliveMultiplier : inactivityTimeout;
}

/** Reason for ending a connection that has been idle for `idle` ms; undefined while it is within its limits. */
export function idleReason(
  idle: number,
  halfOpen: boolean,
  limits: IdleLimits,
): 'half_open_timeout' | 'inactivity' | undefined {
  const { halfOpenTimeout } = limits;
  const idleLimit = inactivityLimit(limits);
  const halfOpenLimit = halfOpen && halfOpenTimeout > 0 ? halfOpenTimeout : Infinity;
  if (idle < Math.min(idleLimit, halfOpenLimit)) return undefined;
  return halfOpenLimit <= idleLimit ? 'half_open_timeout' : 'inactivity';
}
