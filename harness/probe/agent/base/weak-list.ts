/**
 * List of objects in the order of their arrival that keeps none of them alive.
 */
import { keepOut } from './own.ts';

/** Number of references below which dead ones are not swept. */
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

  /** Objects that garbage collection has left. */
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
