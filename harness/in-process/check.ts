import { realNow, realTimeout } from './real-clock.ts';
import { PositionMapper } from '../probe/host/map-positions.ts';
import type { ProcessProbe } from '../probe/agent/in-process.ts';
import type { NameGiven, Position, Report, Suspect } from '../probe/protocol.ts';
import { isByRunner, isOfRunner, type WhyNoLeak } from './test-runner-exclusions.ts';

/** Pauses between two looks, ms: at first as short as a turn of the event loop, then longer. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 100;
/** Fewest looks before time is up: a busy machine may have used it all for one. */
const FEWEST = 6;
/** Looks at growth alone in the last round: entries may be removed by an event that is still to come, and most growth is a resident. */
const FOR_GROWTH = 3;
/** Pause before the first look, ms: a look that finds something may walk the heap, which takes twenty times as long as most ends do. */
const FOR_ENDS = 20;

/** Number of things by the fingerprint of their suspect. */
export type Counts = ReadonlyMap<string, number>;

/** A report of this process, without what is no leak. */
export type Look = { suspects: Suspect[]; names: Record<string, NameGiven[]>; blind: readonly string[] };

type Awaitable<T> = T | Promise<T>;

/** Probe as a check needs it: of this process, or of another one that answers later. */
export type CheckedProcess = Pick<ProcessProbe, 'baseline' | 'report' | 'run' | 'sourceMap'> & {
  /** absent where the check does not run in the process that it looks at */
  leaveOut?(object: object): void;
  arm(check: number): Awaitable<void>;
  explain(): Awaitable<string>;
};

/** A check of a process, from its baseline to its end. */
export class Check {
  readonly #probe: CheckedProcess;
  readonly #number: number;
  readonly #mapper: PositionMapper;
  readonly #why: WhyNoLeak;

  /** @param number as the probe has begun it @param why what is never counted there */
  constructor(probe: CheckedProcess, number: number, why: WhyNoLeak) {
    this.#probe = probe;
    this.#number = number;
    this.#why = why;
    this.#mapper = new PositionMapper((file) => this.#probe.sourceMap(file));
  }

  baseline(): Promise<void> {
    return this.#probe.baseline(this.#number);
  }

  async run(body: () => unknown): Promise<void> {
    await this.#probe.run(this.#number, body);
  }

  /**
   * Looks again and again until nothing is left beyond `before`, or for `within` ms. Collections have only numbers for names.
   *
   * @param before counts of the round before; absent in the first judged one, whose growth is only compared with that of later ones
   */
  async settle(within: number, before?: Counts): Promise<Look> {
    const start = realNow();
    await this.pause(FOR_ENDS);
    for (let looks = 1, pause = FIRST_PAUSE; ; looks++, pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const look = await this.#look(false);
      const more = look.suspects.filter(({ fingerprint, count }) => count > (before?.get(fingerprint) ?? 0));
      const isOpen = more.some(({ rule }) => rule === 'presence');
      const isOver = isOpen
        ? looks >= FEWEST && realNow() - start >= within
        : more.length === 0 || before === undefined || looks >= FOR_GROWTH;
      if (isOver) return look;
      await this.pause(pause);
    }
  }

  /** Waits; the timer is none of what another check of this process finds. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = realTimeout(resolve, ms);
      this.#probe.leaveOut?.(timer);
    });
  }

  /** Looks once, and names collections that have grown, which takes a heap snapshot. */
  lookWithNames(): Promise<Look> {
    return this.#look(true);
  }

  async #look(names: boolean): Promise<Look> {
    const report = JSON.parse(await this.#probe.report(this.#number, names)) as Report;
    const mapped = await this.#mapper.report(report);
    const counted = mapped.suspects.flatMap((suspect): Suspect[] => {
      const where = suspect.where.filter((position) => !isOfRunner(position));
      return this.#why(suspect, where) === undefined ? [{ ...suspect, where }] : [];
    });
    return { suspects: counted, names: mapped.names ?? {}, blind: mapped.blind ?? [] };
  }

  /**
   * Runs the body once more to learn which lines add to what the last look found growing; none where a test runner adds to it, as to what a test
   * writes to the console.
   */
  async explain(body: () => unknown): Promise<Record<string, Position[]>> {
    await this.#probe.arm(this.#number);
    let explained: string | undefined;
    try {
      await this.run(body);
    } finally {
      // takes the hooks off again, whatever has become of the body
      explained = await this.#probe.explain();
    }
    const mapped = await this.#mapper.byFingerprint(JSON.parse(explained) as Record<string, Position[]>);
    return Object.fromEntries(
      Object.entries(mapped).map(([fingerprint, where]) => [
        fingerprint,
        where.slice(0, 1).some(isByRunner) ? [] : where.filter((one) => !isOfRunner(one)),
      ]),
    );
  }
}
