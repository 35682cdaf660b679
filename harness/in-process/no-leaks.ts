import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Position, Suspect } from '../probe/protocol.ts';
import { Check, type Counts, type Look } from './check.ts';
import { countsOf, leaksIn, underNames } from './judge-rounds.ts';
import { leakError } from './leak-error.ts';
import type { ProcessLeak } from './process-leak.ts';

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

/**
 * Fails if a function leaves something behind in this process: sockets, servers, timers, child processes, workers, watchers, open files;
 * with three rounds or more (the default) also listeners, entries of long-lived collections and sockets that cannot be collected. The body
 * runs several times, so it must be repeatable; say `rounds: 1` where it is not.
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
  const current = new Check();
  current.baselineNow();
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const { suspects, blind } = await current.settle(options.settle).finally(() => {
      alone = current.end();
    });
    const leaks = wanted(leaksIn(suspects, []), {}, options);
    if (leaks.length > 0) throw leakError(leaks, { when: 'since the baseline', alone, blind }, dispose);
  };
  let alone = true;
  const dispose = (): Promise<void> => (ended ??= end());
  return { check: dispose, [Symbol.asyncDispose]: dispose };
}

async function runRounds(body: () => unknown, options: Checked): Promise<void> {
  const { rounds, settle } = options;
  const current = new Check();
  let ended = false;
  const end = (): boolean => {
    ended = true;
    return current.end();
  };
  try {
    if (rounds > 1) await warmUp(current, body);
    await current.baseline();
    const earlier: Counts[] = [];
    let look = await oneRound(current, body, { settle, before: undefined, again: rounds > 1 });
    for (let round = 3; round <= rounds; round++) {
      const before = countsOf(look);
      earlier.push(before);
      look = await oneRound(current, body, { settle, before, again: true });
    }
    if (leaksIn(look.suspects, earlier).some(isNumbered)) look = await current.lookWithNames();
    const named = earlier.map((counts) => underNames(counts, look.names));
    const leaking = leaksIn(look.suspects, named);
    // what each round adds to is run once more, to see the line that does it
    const explained = leaking.some(isExplainable) ? await current.explain(body) : {};
    const leaks = wanted(leaking, explained, options);
    if (leaks.length === 0) return;
    const when = rounds === 1 ? 'after the body' : `in rounds 2 to ${rounds} of ${rounds}`;
    throw leakError(leaks, { when, alone: end(), blind: look.blind }, functionOrScope);
  } finally {
    if (!ended) end();
  }
}

/** First of several rounds: it makes what is made once, and is not judged. */
async function warmUp(check: Check, body: () => unknown): Promise<void> {
  await check.run(body);
  await delay(WARM_UP);
}

async function oneRound(
  check: Check,
  body: () => unknown,
  { settle, before, again }: { settle: number; before: Counts | undefined; again: boolean },
): Promise<Look> {
  try {
    await check.run(body);
  } catch (cause) {
    if (!again) throw cause;
    // such as an address in use, by a server that the round before has left
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LastfinError(
      'LASTFIN_FOUND',
      `the body passed once and failed when it was run again: ${message}\nsomething that it left behind may be in its way: look with \`rounds: 1\``,
      { cause },
    );
  }
  return check.settle(settle, before);
}

/** Time (ms) for what the first of several rounds has left to end. */
const WARM_UP = 20;

/** Whether it may have only a number, or hang on something that has. */
function isNumbered({ resource }: Suspect): boolean {
  return resource === 'collection' || resource === 'retained-socket';
}

function isExplainable({ resource }: Suspect): boolean {
  return resource === 'collection' || resource === 'listener';
}

function wanted(
  suspects: readonly Suspect[],
  explained: Record<string, Position[]>,
  { ignore = () => false }: NoLeaksOptions,
): ProcessLeak[] {
  return (
    suspects
      .map(({ resource, fingerprint, count, where, sample, path, alsoRetains }): ProcessLeak => {
        const all = [...(explained[fingerprint] ?? []), ...where];
        return {
          resource,
          fingerprint,
          count,
          where: [...new Map(all.map((one) => [`${one.file}:${one.line}:${one.column}`, one])).values()],
          sample,
          ...(path === undefined ? {} : { path }),
          ...(alsoRetains === undefined ? {} : { alsoRetains }),
        };
      })
      .filter((leak) => !ignore(leak))
      // the other end of a connection has no line of its own
      .toSorted((a, b) => Number(a.where.length === 0) - Number(b.where.length === 0))
  );
}
