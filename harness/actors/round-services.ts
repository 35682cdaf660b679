/** A script step or a trigger did not get what it waited for in time. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  /** status of the answer that came in place of the expected one */
  readonly status: number | undefined;

  constructor(message: string, { status }: { status?: number | undefined } = {}) {
    super(message);
    this.status = status;
  }
}

/** Asks the target for its number of records; absent where it publishes none. */
export type ReadRecords = () => Promise<number | undefined>;

/** Number of the target's connects to the upstream that have no answer yet; absent where the system does not tell. */
export type ReadConnecting = () => number | undefined;

/** Advances the target's clock by `ms` within `within` ms of real time; resolves with the ms not yet advanced. */
export type AdvanceTarget = (ms: number, within: number) => Promise<number>;

/** Measures a limit in ms from now: not by the wall alone, since the machine may be busy with others. */
export type StartClock = (limit: number) => Clock;

/** `left`: ms; 0 or less when the limit has passed */
export type Clock = { readonly remaining: number };

/** The clock of one step that waits several times: `since` is when it began, by `performance.now()`. */
export type StepClock = { limit: number; since: number; clock: Clock };

/** Reads what the target publishes, and writes it down. */
export type LookAtTarget = (number: number) => Promise<void>;

export type RoundServices = {
  signal: AbortSignal;
  readRecords: ReadRecords;
  readConnecting: ReadConnecting;
  advanceTarget: AdvanceTarget;
  lookAtTarget: LookAtTarget;
  startClock: StartClock;
  /** called when a script or a fault has waited in vain for a number of connections at the upstream */
  onMissed?: () => void;
  /** the target passes bytes on as they are; false: it has bytes of its own, as its file says or the warm-up has shown */
  isTransparent?: boolean;
  /** answers of the target do not end, as the warm-up has shown: their beginning is what `expect: answer` waits for */
  streamsAnswers?: boolean;
};
