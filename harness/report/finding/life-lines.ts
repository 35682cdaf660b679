import type { Position, SocketLife, SocketStep } from '../../probe/protocol.ts';

/** The program's call that ended a socket; undefined if only Node.js or nobody did. */
export function endOf({ steps }: Pick<SocketLife, 'steps'>): SocketStep | undefined {
  return steps.find(({ kind }) => kind === 'ended');
}

/**
 * Lines where a socket of the target was ended; where nobody ended it, the listeners of the last event that came, or the line that
 * opened it.
 */
export function linesOfLife(life: SocketLife): Position[] {
  const step = endOf(life) ?? life.steps.findLast(({ where }) => where.length > 0);
  return step === undefined ? [] : telling(step);
}

/** Lines of a step, those first that no connection of the warm-up came through: helpers that end every socket tell nothing. */
export function telling({ where, usual = 0 }: SocketStep): Position[] {
  return [...where.slice(usual), ...where.slice(0, usual)];
}
