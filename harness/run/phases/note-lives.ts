import type { ContextBeforeBaseline } from '../case-context.ts';

/** Writes how the target's sockets lived in the judged round, where they were followed. */
export async function noteLives({
  lab: { probe, positions },
  recorder,
}: Pick<ContextBeforeBaseline, 'lab' | 'recorder'>): Promise<void> {
  const lives = (await probe?.lives()) ?? [];
  if (lives.length > 0) recorder.write({ type: 'lives', lives: positions.lives(lives) });
}
