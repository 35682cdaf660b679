import type { Position, SocketLife, SocketStep } from '../../probe/protocol.ts';

/** The program's call that ended a socket; undefined if only Node.js or nobody did. */
export function endOf({ steps }: Pick<SocketLife, 'steps'>): SocketStep | undefined {
  return steps.find(({ kind }) => kind === 'ended');
}

/**
 * Lines where a socket of the target was ended; where nobody ended it, the listeners of the last event that came. Empty where it was ended as in
 * the warm-up: that line is right.
 */
export function linesOfLife(life: SocketLife): Position[] {
  const end = endOf(life);
  if (end !== undefined) return telling(end);
  return life.open
    ? (life.steps.findLast(({ kind, where }) => kind === 'came' && where.length > 0)?.where ?? [])
    : [];
}

/**
 * Lines of a call, the most telling first: the one that names the reason, then those that no connection of the warm-up came through; helpers
 * that end every socket tell nothing.
 */
export function telling({ where, usual = 0, reason }: SocketStep): Position[] {
  const gave = where.filter((_, index) => index === reason);
  const others = [...where.slice(usual), ...where.slice(0, usual)];
  return [...gave, ...others.filter((one) => !gave.includes(one))];
}
