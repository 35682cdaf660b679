import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Position, Suspect } from '../probe/protocol.ts';
import type { Check, Counts, Look } from './check.ts';
import { withoutFullCaches } from './full-caches.ts';
import { countsOf, leaksIn, underNames } from './judge-rounds.ts';
import type { ProcessLeak } from './process-leak.ts';

/** How leaks are looked for. */
export type Rounds = {
  /** times that the body runs */
  rounds: number;
  /** ms in which everything must have ended */
  settle: number;
  /** ms in which the body may run again where things only grow, to see whether a cache or a pool becomes full; default: 0 */
  refill?: number;
  ignore?: (leak: ProcessLeak) => boolean;
};

/** Leaks of all rounds, and parts that could not be examined. */
export type RoundsSeen = { leaks: ProcessLeak[]; blind: readonly string[] };

/** Runs a body several times and judges what it leaves. The caller ends the check. */
export async function judgeRounds(check: Check, body: () => unknown, options: Rounds): Promise<RoundsSeen> {
  const { rounds, settle } = options;
  if (rounds > 1) await warmUp(check, body);
  await check.baseline();
  const earlier: Counts[] = [];
  let look = await oneRound(check, body, { settle, before: undefined, again: rounds > 1 });
  for (let round = 3; round <= rounds; round++) {
    const before = countsOf(look);
    earlier.push(before);
    look = await oneRound(check, body, { settle, before, again: true });
  }
  if (leaksIn(look.suspects, earlier).some(isNumbered)) look = await check.lookWithNames();
  const named = earlier.map((counts) => underNames(counts, look.names));
  const leaking = leaksIn(look.suspects, named);
  // what each round adds to is run once more, to see the line that does it
  const explained = leaking.some(isExplainable) ? await check.explain(body) : {};
  const own = leaking.filter((one) => !isOfTestRunner(one, explained));
  const leaks = wantedLeaks(own, explained, options);
  const { refill: within = 0 } = options;
  if (within === 0 || leaks.length === 0 || !own.every(mayBecomeFull)) return { leaks, blind: look.blind };
  const growth = { leaks, counts: [...named, countsOf(look)], names: look.names, since: 1 };
  return { leaks: await withoutFullCaches(check, body, growth, { within, settle }), blind: look.blind };
}

/** Rounds in words. */
export function inRounds(rounds: number): string {
  return rounds === 1 ? 'after the body' : `in rounds 2 to ${rounds} of ${rounds}`;
}

/** First of several rounds: it makes what is made once, and is not judged. */
async function warmUp(check: Check, body: () => unknown): Promise<void> {
  await check.run(body);
  await check.pause(WARM_UP);
}

async function oneRound(
  check: Check,
  body: () => unknown,
  { settle, before, again }: { settle: number; before: Counts | undefined; again: boolean },
): Promise<Look> {
  try {
    await check.run(body);
  } catch (cause) {
    if (!again || cause instanceof LastfinError) throw cause;
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

/** Whether lines were looked for, and all that adds to it is a test runner, a test double or the like. */
function isOfTestRunner(
  { fingerprint, where }: Suspect,
  explained: Readonly<Record<string, Position[]>>,
): boolean {
  return where.length === 0 && explained[fingerprint]?.length === 0;
}

/** Whether it may grow to a limit: a cache, and a pool of connections with its listeners. */
function mayBecomeFull({ resource, rule }: Suspect): boolean {
  return rule === 'growth' && (isExplainable({ resource }) || resource === 'socket');
}

function isExplainable({ resource }: Pick<Suspect, 'resource'>): boolean {
  return resource === 'collection' || resource === 'listener';
}

/** Leaks with all of their lines, without those that are ignored. */
export function wantedLeaks(
  suspects: readonly Suspect[],
  explained: Record<string, Position[]>,
  { ignore = () => false }: Pick<Rounds, 'ignore'>,
): ProcessLeak[] {
  return suspects
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
    .toSorted((a, b) => lateness(a) - lateness(b));
}

/** Rank of a leak behind others: where both ends of a connection are in this process, whoever connected says more than the server's line. */
function lateness({ resource, where, sample }: ProcessLeak): number {
  if (where.length === 0) return 2;
  return resource === 'socket' && sample.includes(', incoming') ? 1 : 0;
}
