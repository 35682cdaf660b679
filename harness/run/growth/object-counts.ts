import { setTimeout as delay } from 'node:timers/promises';

import type { Observer } from '../../probe/observer.ts';
import type { Suspect } from '../../probe/protocol.ts';

/** Rounds after which objects are counted. */
const COUNTED: readonly number[] = [2, 4, 6, 9, 12];
/** Rounds after the last of them in which an hour has passed, and objects are counted once more. */
const AFTER_HOUR = 3;
/** Round after which objects are counted again only if some seem to grow: before it a cache may just be filling up. */
const FIRST_TOLD = 6;

/** Counts the target's objects after some of the rounds in which memory is watched: a leak of a few bytes a connection shows in nothing else. */
export class ObjectCounts {
  /** whether more rounds are needed: the counts so far do not tell growth from filling up */
  isWanted = true;
  /** whether the last count saw growth that the next one must confirm */
  isGrowing = false;
  readonly #passAnHour: () => Promise<boolean>;
  #last = COUNTED.at(-1) ?? 0;
  #hourPassed = false;
  readonly #observer: Pick<Observer, 'objects'>;
  readonly #drain: number;
  #since = 0;
  #isFirst = true;

  /** @param drain how long the target may keep things, ms @param passAnHour lets an hour pass in the target; false where that cannot be */
  constructor(observer: Pick<Observer, 'objects'>, drain: number, passAnHour: () => Promise<boolean>) {
    this.#observer = observer;
    this.#drain = drain;
    this.#passAnHour = passAnHour;
  }

  /**
   * Counts objects after a round, if that is one of {@link COUNTED}; what grows to the end is counted again after an hour, by the target's clock,
   * which empties tables that are emptied by time. Resolves with those that certainly go on growing, undefined as long as that is not known.
   */
  async after(round: number, connections: number, signal: AbortSignal): Promise<Suspect[] | undefined> {
    this.#since += connections;
    if (!this.isWanted || !(COUNTED.includes(round) || round === this.#last)) return undefined;
    // tables may be swept by the clock
    if (!this.#isFirst) await delay(this.#drain, undefined, { signal });
    const { suspects } = await this.#observer.objects(this.#isFirst ? 0 : this.#since);
    this.#isFirst = false;
    this.#since = 0;
    if (round < FIRST_TOLD) return undefined;
    this.isWanted = suspects.length > 0;
    this.isGrowing = this.isWanted;
    if (!this.isWanted || round !== this.#last) return undefined;
    if (this.#hourPassed || !(await this.#passAnHour())) return suspects;
    this.#hourPassed = true;
    this.#last = round + AFTER_HOUR;
    return undefined;
  }
}
