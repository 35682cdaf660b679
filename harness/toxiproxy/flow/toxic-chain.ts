import { DIRECTIONS } from './connection.ts';
import type { Direction, Toxic } from '../toxic.ts';

/** The toxics of a proxy, in the order data meets them, for both directions. */
export class ToxicChain {
  readonly #toxics: Record<Direction, Toxic[]> = { upstream: [], downstream: [] };

  of(direction: Direction): readonly Toxic[] {
    return this.#toxics[direction];
  }

  /** As the API lists them: upstream first. */
  all(): Toxic[] {
    return DIRECTIONS.flatMap((direction) => this.#toxics[direction]);
  }

  find(name: string): Toxic | undefined {
    return this.all().find((toxic) => toxic.name === name);
  }

  add(toxic: Toxic): void {
    this.#toxics[toxic.direction].push(toxic);
  }

  remove(toxic: Toxic): void {
    const chain = this.#toxics[toxic.direction];
    chain.splice(chain.indexOf(toxic), 1);
  }
}
