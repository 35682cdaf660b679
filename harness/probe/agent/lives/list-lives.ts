/**
 * Lives of the program's sockets, those that lived alike together.
 */
import { Inspection } from '../base/inspection.ts';
import { positionText } from '../base/stacks.ts';
import { isOpen } from '../census/live-sockets.ts';
import { Locator } from '../census/locate.ts';
import type { Position, SocketLife, SocketStep } from '../../protocol.ts';
import { followedSockets, usualFrames, type Followed, type Step } from './follow-sockets.ts';

const MOST_LIVES = 12;
/** Sockets that are looked at one by one: listeners are located through the inspector. */
const MOST_LOCATED = 200;

const ENDING_CALLS: ReadonlySet<string> = new Set([
  'end()',
  'destroySoon()',
  'destroy()',
  'resetAndDestroy()',
]);

/** Lives since the baseline, the most frequent first. */
export async function listLives(): Promise<SocketLife[]> {
  const all = followedSockets().slice(0, MOST_LOCATED);
  if (all.length === 0) return [];
  const inspection = new Inspection();
  const locator = new Locator(inspection);
  const alike = new Map<string, SocketLife>();
  const began = Math.min(...all.flatMap(({ steps }) => steps.map(({ at }) => at)));
  try {
    for (const one of all) {
      const life = await lifeOf(one, { locator, began });
      const key = keyOf(life);
      const known = alike.get(key);
      if (known === undefined) alike.set(key, life);
      else known.count++;
    }
  } finally {
    locator.forget();
    inspection.close();
  }
  return [...alike.values()].toSorted((a, b) => b.count - a.count).slice(0, MOST_LIVES);
}

type Looking = { locator: Locator; /** time of the first step of all */ began: number };

async function lifeOf({ socket, side, steps }: Followed, looking: Looking): Promise<SocketLife> {
  const ended = endOf(steps);
  const told: SocketStep[] = [];
  for (const step of steps) {
    const one = await stepOf(step, looking);
    told.push(step === ended ? { ...one, kind: 'ended' } : one);
  }
  return { side, count: 1, open: isOpen(socket), steps: told };
}

/**
 * The first call of the program that ends a socket and comes another way than in the warm-up; else the first that destroys it: an `end()` as in
 * the warm-up only passes the peer's end on.
 */
function endOf(steps: readonly Step[]): Step | undefined {
  const ending = steps.filter(({ what, stack }) => ENDING_CALLS.has(what) && stack.length > 0);
  return (
    ending.find(({ stack }) => usualFrames(stack) < stack.length) ??
    ending.find(({ what }) => what !== 'end()')
  );
}

async function stepOf(
  { kind, what, at, detail, listeners, stack }: Step,
  { locator, began }: Looking,
): Promise<SocketStep> {
  const where: Position[] = kind === 'came' ? await locator.userPositions(listeners) : stack;
  const usual = usualFrames(stack);
  return {
    kind,
    what,
    at: Math.round((at - began) * 10) / 10,
    where,
    ...(usual === 0 ? {} : { usual }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** The order of what comes at the same moment differs from socket to socket, and so do figures. */
function keyOf({ side, open, steps }: SocketLife): string {
  const parts = steps.map(({ what, where }) => `${what} ${where.slice(0, 2).map(positionText).join(' ')}`);
  return JSON.stringify([side, open, [...new Set(parts)].toSorted()]);
}
