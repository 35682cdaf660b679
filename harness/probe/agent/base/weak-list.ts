/**
 * Objects in the order they came, none of them kept alive.
 */
import { keepOut } from './own.ts';

/** So many references are kept before those to objects that are gone are thrown away. */
const FEWEST = 1000;

export class WeakList<T extends object> {
  #references: WeakRef<T>[] = keepOut([]);
  #most = FEWEST;

  constructor() {
    keepOut(this);
  }

  add(object: T): void {
    if (this.#references.length >= this.#most) this.alive();
    this.#references.push(new WeakRef(object));
  }

  /** What garbage collection has left. */
  alive(): T[] {
    const alive = this.#references.flatMap((reference) => {
      const object = reference.deref();
      return object === undefined ? [] : [{ reference, object }];
    });
    this.#references = keepOut(alive.map(({ reference }) => reference));
    this.#most = Math.max(FEWEST, 2 * alive.length);
    return alive.map(({ object }) => object);
  }
}
