import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Count, Trigger } from '../scenario/trigger.ts';
import type { WaitFor } from '../scenario/step.ts';
import { untilQuiet } from './until-quiet.ts';
import {
  StepFailure,
  type AdvanceTarget,
  type StartClock,
  type Clock,
  type StepClock,
  type LookAtTarget,
  type RoundServices,
} from './round-services.ts';

type LiveState = 'records' | 'connecting';

type Waiter = { ready: () => boolean; resolve: () => void; reject: (error: unknown) => void };

/** States that say how many connections have come to the upstream. */
const AT_UPSTREAM: ReadonlySet<WaitFor['state']> = new Set(['established', 'expected']);

/** ms: what begins to wait at about the same time shares a clock, since it costs a look at /proc. */
const SHARED = 10;

/**
 * The state of one round that scripts and triggers wait on. Whoever changes a figure calls {@link changed}; nobody polls,
 * except for the target's own records and its pending connects.
 */
export class Round {
  readonly number: number;
  readonly count: number;
  readonly signal: AbortSignal;
  readonly isTransparent: boolean;
  readonly streamsAnswers: boolean;
  opened = 0;
  established = 0;
  halfClosed = 0;
  /** upstream scripts that have completed their first step `expect` */
  expected = 0;
  ended = 0;
  received = 0;
  faulted = false;
  /** client scripts that have come to a step `wait: faulted` */
  waiting = 0;
  /** client scripts that have come to their end, whatever it was */
  finished = 0;
  healed = false;
  /** steps `advance` that are over */
  advanced = 0;
  readonly #waiters = new Set<Waiter>();
  /** live counts of the target, which nobody announces: they are polled */
  readonly #live: Record<LiveState, () => Promise<number>>;
  readonly #liveWaits = new Map<string, Promise<void>>();

  /** meetings of all clients, by what they meet for */
  readonly #meetings = new Map<string, { came: number; done?: Promise<void> }>();
  readonly #advanceTarget: AdvanceTarget;
  readonly #lookAtTarget: LookAtTarget;
  readonly #startClock: StartClock;
  readonly #onMissed: (() => void) | undefined;
  #latestClock: { limit: number; since: number; clock: Clock } | undefined;

  constructor(
    number: number,
    count: number,
    {
      signal,
      readRecords,
      readConnecting,
      advanceTarget,
      lookAtTarget,
      startClock,
      onMissed,
      isTransparent = true,
      streamsAnswers = false,
    }: RoundServices,
  ) {
    this.number = number;
    this.count = count;
    this.signal = signal;
    this.isTransparent = isTransparent;
    this.streamsAnswers = streamsAnswers;
    // every connection of the round listens: hundreds are as they should be
    setMaxListeners(0, signal);
    this.#live = {
      records: async () =>
        mustBe(await readRecords(), 'a step waits for `records`, but the target publishes none'),
      connecting: async () =>
        mustBe(readConnecting(), 'a step waits for `connecting`, but the system has no /proc/PID/net/tcp'),
    };
    this.#advanceTarget = advanceTarget;
    this.#lookAtTarget = lookAtTarget;
    this.#startClock = startClock;
    this.#onMissed = onMissed;
  }

  /** To be called after every change of a figure. */
  changed(): void {
    for (const waiter of this.#waiters) if (waiter.ready()) waiter.resolve();
  }

  /** Waits until `ready` holds; rejects with {@link StepFailure} after `deadline` ms, or when the round is aborted. */
  until(
    what: string,
    ready: () => boolean,
    deadline: number | StepClock,
    signal: AbortSignal = this.signal,
  ): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const step = typeof deadline === 'number' ? undefined : deadline;
    const limit = step?.limit ?? (deadline as number);
    const passed = step === undefined ? 0 : performance.now() - step.since;
    // each of its waits may be short; the fair clock is asked late, since it costs a look at /proc
    if (step !== undefined && passed > limit && step.clock.remaining <= 0)
      return Promise.reject(new StepFailure(`${what}: not within ${limit} ms`));
    if (ready()) return Promise.resolve();
    const clock = step?.clock ?? this.#clock(limit);
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
        settle();
      };
      const waiter: Waiter = {
        ready,
        resolve: () => {
          finish(resolve);
        },
        reject: (error) => {
          finish(() => {
            reject(error);
          });
        },
      };
      const onAbort = (): void => {
        waiter.reject(signal.reason);
      };
      const onTime = (): void => {
        const { remaining } = clock;
        if (remaining > 0) timer = setTimeout(onTime, remaining);
        else waiter.reject(new StepFailure(`${what}: not within ${limit} ms`));
      };
      let timer = setTimeout(onTime, Math.max(1, limit - passed));
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  numberOf(count: Count): number {
    return count === 'all' ? this.count : count;
  }

  async waitFor(wait: WaitFor, deadline: number, signal: AbortSignal): Promise<void> {
    if (wait.state === 'faulted')
      return this.until('wait for the faults', () => this.faulted, deadline, signal);
    if (wait.state === 'healed')
      return this.until('wait for the healing', () => this.healed, deadline, signal);
    if (wait.state === 'time') {
      return delay(wait.ms, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
    const wanted = this.numberOf(wait.count);
    if (wait.state === 'records' || wait.state === 'connecting')
      return this.#untilLive(wait.state, wanted, deadline);
    const figure = {
      opened: () => this.opened,
      established: () => this.established,
      'half-closed': () => this.halfClosed,
      expected: () => this.expected,
      ended: () => this.ended,
      advanced: () => this.advanced,
    };
    const read = figure[wait.state];
    try {
      await this.until(`wait for ${wanted} ${wait.state}`, () => reached(read(), wanted), deadline, signal);
    } catch (error) {
      if (error instanceof StepFailure && AT_UPSTREAM.has(wait.state)) this.#onMissed?.();
      throw error;
    }
  }

  /**
   * Waits until every client script that goes on is at this step, and lets time pass once for all of them.
   *
   * @param number of the steps `advance` of the script, from 0
   */
  advance(number: number, ms: number, deadline: number, signal: AbortSignal): Promise<void> {
    return this.#meet(`advance ${number}`, 'time passes', () => this.#pass(ms, deadline), deadline, signal);
  }

  /** Reads the target's figures once all clients are at a step `look`; `number` counts these steps. */
  look(number: number, deadline: number, signal: AbortSignal): Promise<void> {
    return this.#meet(`look ${number}`, 'a look', () => this.#lookAtTarget(number), deadline, signal);
  }

  async #meet(
    key: string,
    what: string,
    act: () => Promise<void>,
    deadline: number,
    signal: AbortSignal,
  ): Promise<void> {
    const meeting = this.#meetings.get(key) ?? { came: 0 };
    this.#meetings.set(key, meeting);
    meeting.came++;
    this.changed();
    const all = (): boolean => meeting.came + this.finished >= this.count;
    await this.until(`wait for all clients before ${what}`, all, deadline, signal);
    meeting.done ??= act();
    return meeting.done;
  }

  async #pass(ms: number, deadline: number): Promise<void> {
    const left = await this.#advanceTarget(ms, deadline);
    if (left <= 0) {
      this.advanced++;
      this.changed();
      return;
    }
    const passed = `only ${Math.floor((ms - left) / 1000)} s of ${Math.floor(ms / 1000)} s`;
    throw new StepFailure(`${passed} could pass in the target within ${deadline} ms: raise \`deadline\``);
  }

  /** A clock for all waits of one step. */
  clock(limit: number): StepClock {
    return { limit, since: performance.now(), clock: this.#clock(limit) };
  }

  #clock(limit: number): Clock {
    const now = performance.now();
    const latest = this.#latestClock;
    if (latest?.limit === limit && now - latest.since < SHARED) return latest.clock;
    const clock = this.#startClock(limit);
    this.#latestClock = { limit, since: now, clock };
    return clock;
  }

  /** Waits for the state at which a fault is to be applied. */
  async triggered(trigger: Trigger, deadline: number): Promise<void> {
    switch (trigger.at) {
      case 'connect':
        return;
      case 'waiting': {
        const wanted = this.numberOf(trigger.count);
        return this.until(`${wanted} clients waiting`, () => this.waiting >= wanted, deadline);
      }
      case 'bytes':
        if (!this.isTransparent) return untilQuiet(this, trigger.bytes, this.#clock(deadline));
        return this.until(`${trigger.bytes} bytes received`, () => this.received >= trigger.bytes, deadline);
      case 'opened':
      case 'records':
      case 'connecting':
      case 'established':
      case 'half-closed':
        return this.waitFor({ state: trigger.at, count: trigger.count }, deadline, this.signal);
    }
  }

  /**
   * Polls once for everybody who waits for the same number, and latches: a connection that goes on must not take the state away
   * from the others that wait for it.
   */
  #untilLive(state: LiveState, wanted: number, deadline: number): Promise<void> {
    const key = `${state} ${wanted}`;
    const known = this.#liveWaits.get(key) ?? this.#pollLive(state, wanted, deadline);
    this.#liveWaits.set(key, known);
    return known;
  }

  async #pollLive(state: LiveState, wanted: number, deadline: number): Promise<void> {
    const clock = this.#clock(deadline);
    for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
      const count = await this.#live[state]();
      if (reached(count, wanted)) return;
      if (clock.remaining <= 0)
        throw new StepFailure(`wait for ${wanted} ${state}: ${count} after ${deadline} ms`);
      await delay(pause, undefined, { signal: this.signal });
    }
  }
}

/** The figure, which must be there. @throws LastfinError `LASTFIN_SCENARIO_INVALID` */
function mustBe(figure: number | undefined, without: string): number {
  if (figure === undefined) throw new LastfinError('LASTFIN_SCENARIO_INVALID', without);
  return figure;
}

/** N > 0 means at least N, 0 means none left. */
function reached(actual: number, wanted: number): boolean {
  return wanted === 0 ? actual === 0 : actual >= wanted;
}
