import type { Attributes, ToxicKind } from './toxics/toxic.ts';

/** The direction of bytes, in Toxiproxy's words: to the upstream, or back down to the client. */
export type Direction = 'upstream' | 'downstream';

/** A toxic as the API created it. Its attributes and toxicity change in place when it is updated. */
export interface Toxic {
  readonly name: string;
  readonly kind: ToxicKind;
  /** As it was written, in any case of letters. */
  readonly stream: string;
  readonly direction: Direction;
  toxicity: number;
  readonly attributes: Attributes;
}
