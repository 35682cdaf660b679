import { setTimeout as delay } from 'node:timers/promises';

import type { Observer } from '../../probe/observer.ts';
import type { Suspect } from '../../probe/protocol.ts';

/** Objects are counted after these rounds. */
const COUNTED: readonly number[] = [2, 4, 6, 9, 12];
/** After this round they are counted again only where some seem to grow: a cache may just fill up. */
const FIRST_TOLD = 6;

/** Counts the target's objects after some of the rounds in which memory is watched: a leak of a few bytes a connection shows in nothing else. */
export class ObjectCounts {
  /** whether the counts so far tell too little: more rounds are needed */
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

  /** Counts after this round, if it is one of those. The objects that certainly go on growing, or undefined as long as that is not known. */
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
