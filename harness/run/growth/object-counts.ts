import { setTimeout as delay } from 'node:timers/promises';

import type { Observer } from '../../probe/observer.ts';
import type { Suspect } from '../../probe/protocol.ts';

/** Rounds after which objects are counted. */
const COUNTED: readonly number[] = [2, 4, 6, 9, 12];
/** Round after which objects are counted again only if some seem to grow: before it a cache may just be filling up. */
const FIRST_TOLD = 6;

/** Counts the target's objects after some of the rounds in which memory is watched: a leak of a few bytes a connection shows in nothing else. */
export class ObjectCounts {
  /** whether more rounds are needed: the counts so far do not tell growth from filling up */
  isWanted = true;
  readonly #observer: Pick<Observer, 'objects'>;
  readonly #drain: number;
  #since = 0;
  #isFirst = true;

  /** @param drain how long the target may keep things, ms */
  constructor(observer: Pick<Observer, 'objects'>, drain: number) {
    this.#observer = observer;
    this.#drain = drain;
  }

  /** Counts objects after a round, if that is one of {@link COUNTED}; resolves with those that certainly go on growing, undefined as long as that is not known. */
  async after(round: number, connections: number, signal: AbortSignal): Promise<Suspect[] | undefined> {
    this.#since += connections;
    if (!this.isWanted || !COUNTED.includes(round)) return undefined;
    // tables may be swept by the clock
    if (!this.#isFirst) await delay(this.#drain, undefined, { signal });
    const { suspects } = await this.#observer.objects(this.#isFirst ? 0 : this.#since);
    this.#isFirst = false;
    this.#since = 0;
    if (round < FIRST_TOLD) return undefined;
    this.isWanted = suspects.length > 0;
    return this.isWanted && round === COUNTED.at(-1) ? suspects : undefined;
  }
}
