import type { Chunk } from '../flow/chunk-queue.ts';

/** The source has ended: no chunk will come any more. */
export const END = Symbol('end');
/** The toxic is being updated or removed: its loop must return at once. */
export const INTERRUPTED = Symbol('interrupted');

/** State of a toxic for one direction of a connection, kept from its creation through its updates. */
export type ToxicState = {
  bytes: number;
};

/** Interface of a toxic's loop: the source and destination of chunks, and ways to wait. */
export type Flow = {
  readonly state: ToxicState;
  /** The seeded random numbers of this direction of this connection, in [0, 1). */
  readonly random: () => number;
  /** Set by a toxic that has begun what an API call can no longer take back: its loop is not interrupted any more. */
  committed: boolean;
  /** The next chunk; `END` again and again once the source has ended. */
  take(): Promise<Chunk | typeof END | typeof INTERRUPTED>;
  /** The next chunk, as {@link take} gives it; `undefined` when nothing came for `ms` milliseconds. */
  takeWithin(ms: number): Promise<Chunk | typeof END | typeof INTERRUPTED | undefined>;
  /** Passes data on and waits until there is room for more. False: interrupted (the data is passed on all the same). */
  put(data: Buffer, receivedAt: number): Promise<boolean>;
  /** Passes data on without waiting; only for what is left in hand when interrupted. */
  flush(data: Buffer, receivedAt: number): void;
  /** False: interrupted before the time was up. */
  sleep(ms: number): Promise<boolean>;
  /** Ends the connection behind what was passed on. */
  close(): void;
  /** Resets both sides of the connection at once. */
  reset(): void;
  /** Milliseconds, on the clock of `receivedAt`. */
  now(): number;
};

/** Go's int64 and int. */
export type Attributes = Record<string, bigint>;

/** A type of toxic. It keeps nothing of a connection: that is in the {@link Flow}. */
export type ToxicKind = {
  readonly type: string;
  /** The name of the real server's struct, which its error texts show. */
  readonly goName: string;
  /** Attribute names in the order they are printed, with the Go type that error texts show. */
  readonly attributes: Readonly<Record<string, 'int64' | 'int'>>;
  /** How many chunks may wait in front of it. */
  readonly bufferSize: number;
  /** Removing it closes every live connection of its stream. */
  readonly closesWhenRemoved?: boolean;
  /** Connections made while it is there are closed with RST. */
  readonly lingerZero?: boolean;
  /** Mistake in values on which the real server dies; undefined if there is none. */
  refuse?(attributes: Attributes): string | undefined;
  /** Runs until the stream ends or the loop is interrupted. */
  pipe(flow: Flow, attributes: Attributes): Promise<void>;
};
