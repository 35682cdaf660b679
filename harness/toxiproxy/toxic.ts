import type { Attributes, ToxicKind } from './toxics/toxic-kind.ts';

/** The direction of bytes, in Toxiproxy's words: to the upstream, or back down to the client. */
export type Direction = 'upstream' | 'downstream';

/** An extension: which connections a toxic touches at all, by their number since it was added, from 1. */
export type ToxicScope = {
  readonly connections?: readonly number[] | undefined;
  /** Touches every nth connection. */
  readonly every?: number | undefined;
};

/** A toxic as the API created it. Its attributes and toxicity change in place when it is updated. */
export type Toxic = {
  readonly name: string;
  readonly kind: ToxicKind;
  /** As it was written, in any case of letters. */
  readonly stream: string;
  readonly direction: Direction;
  toxicity: number;
  readonly attributes: Attributes;
  readonly scope?: ToxicScope | undefined;
  /** How many connections the proxy had accepted when it was added. */
  addedAfter: number;
};

/** Whether the toxic touches the proxy's connection of that number, from 1. */
export function touches(toxic: Toxic, connection: number): boolean {
  if (toxic.scope === undefined) return true;
  const { connections = [], every } = toxic.scope;
  const number = connection - toxic.addedAfter;
  return number > 0 && (connections.includes(number) || (every !== undefined && number % every === 0));
}
