import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { Check } from './check.ts';
import { leaksIn } from './judge-rounds.ts';
import { leakError } from './leak-error.ts';
import { whyNoLeak } from './test-runner-exclusions.ts';
import type { ProcessLeak } from './process-leak.ts';
import { processProbe } from './process-probe.ts';
import { inRounds, judgeRounds, wantedLeaks } from './rounds.ts';

/** How a check in a test's own process is made. */
export type NoLeaksOptions = {
  /** times that the body runs; default: 3. With 1 only what is open counts: growth takes rounds to be told from a cache */
  rounds?: number;
  /** ms in which everything must have ended; default: 1000 */
  settle?: number;
  /** leaks that are none for this test; told of each one, with its lines */
  ignore?: (leak: ProcessLeak) => boolean;
};

/** A check of everything from its creation on. */
export type LeakGuard = AsyncDisposable & {
  /** ends the check. @throws LastfinError `LASTFIN_FOUND` */
  check(): Promise<void>;
};

/** Function or guard: both forms of {@link noLeaks}. */
export type NoLeaks = {
  (body: () => unknown, options?: NoLeaksOptions): Promise<void>;
  (options?: Omit<NoLeaksOptions, 'rounds'>): LeakGuard;
};

const ROUNDS = 3;
const SETTLE = 1000;
/** Time (ms) for more rounds where only collections grow: as long as nobody minds in a test that fails. */
const REFILL = 1000;

/**
 * Fails if a function leaves something behind in this process: sockets, servers, timers, child processes, workers, watchers, open files;
 * with three rounds or more (the default) also listeners, entries of long-lived collections and sockets that cannot be collected. The body
 * runs several times, so it must be repeatable; say `rounds: 1` where it is not. Where only collections grow it runs up to a hundred times
 * more within a second: a cache that becomes full is none.
 *
 * Without a function it checks the rest of the scope: `await using _ = noLeaks();`, or call `check()` at the end.
 *
 * @throws LastfinError `LASTFIN_FOUND`: the message names each leak with its lines, the stack begins with the first one,
 * `facts.leaks` has all of them; `LASTFIN_USAGE` for wrong options. An error of the body is passed on.
 * @example
 * import { noLeaks } from 'lastfin';
 *
 * await noLeaks(async () => {
 *   const timer = setInterval(() => undefined, 1000);
 *   clearInterval(timer);
 * });
 */
export const noLeaks: NoLeaks = functionOrScope;

function functionOrScope(body: () => unknown, options?: NoLeaksOptions): Promise<void>;
function functionOrScope(options?: NoLeaksOptions): LeakGuard;
function functionOrScope(first?: (() => unknown) | NoLeaksOptions, options?: NoLeaksOptions): unknown {
  return typeof first === 'function' ? runRounds(first, checked(options)) : guard(checked(first));
}

function checked({ rounds = ROUNDS, settle = SETTLE, ...rest }: NoLeaksOptions = {}): Required<
  Pick<NoLeaksOptions, 'rounds' | 'settle'>
> &
  NoLeaksOptions {
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new LastfinError(
      'LASTFIN_USAGE',
      `noLeaks: \`rounds\` must be a whole number from 1, not ${String(rounds)}`,
    );
  if (!(settle >= 0))
    throw new LastfinError(
      'LASTFIN_USAGE',
      `noLeaks: \`settle\` must be a number of ms, not ${String(settle)}`,
    );
  return { rounds, settle, ...rest };
}

type Checked = ReturnType<typeof checked>;

function guard(options: Checked): LeakGuard {
  const probe = processProbe();
  const number = probe.begin();
  probe.baselineNow(number);
  probe.enter(number);
  const current = new Check(probe, number, whyNoLeak);
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const { suspects, blind } = await current.settle(options.settle).finally(() => {
      alone = probe.end(number);
    });
    const leaks = wantedLeaks(leaksIn(suspects, []), {}, options);
    if (leaks.length > 0) throw leakError(leaks, { when: 'since the baseline', alone, blind }, dispose);
  };
  let alone = true;
  const dispose = (): Promise<void> => (ended ??= end());
  return { check: dispose, [Symbol.asyncDispose]: dispose };
}

async function runRounds(body: () => unknown, options: Checked): Promise<void> {
  const probe = processProbe();
  const number = probe.begin();
  let alone = true;
  const judged = judgeRounds(new Check(probe, number, whyNoLeak), body, { ...options, refill: REFILL });
  const { leaks, blind } = await judged.finally(() => {
    alone = probe.end(number);
  });
  if (leaks.length === 0) return;
  throw leakError(leaks, { when: inRounds(options.rounds), alone, blind }, functionOrScope);
}
