import type { Seen } from '../scenario/expectations.ts';
import { type Round } from './round.ts';
import { StepFailure } from './round-services.ts';
import { seenFrom } from './seen-from.ts';
import type { Pipe } from './transports/pipe.ts';

/** Connection whose transport is being set up. */
type Opening = {
  readonly round: Round;
  readonly signal: AbortSignal;
  readonly hasEnded: boolean;
};

/**
 * Waits for the transport of a connection. False: the peer has ended it first, and `see` was told how.
 * Rejects with {@link StepFailure} after `deadline` ms, and where the peer speaks something else.
 */
export async function awaitPipe(
  connection: Opening,
  opening: Promise<Pipe>,
  { deadline, attach, see }: { deadline: number; attach: (pipe: Pipe) => void; see: (what: Seen) => void },
): Promise<boolean> {
  const { round, signal } = connection;
  let outcome: 'open' | 'failed' | undefined;
  let wrong: StepFailure | undefined;
  opening.then(
    (pipe) => {
      outcome = 'open';
      // at once: what the pipe emits next must not be missed
      attach(pipe);
      round.changed();
    },
    (error: unknown) => {
      outcome = 'failed';
      if (error instanceof StepFailure) wrong = error;
      else see(seenFrom(error));
      round.changed();
    },
  );
  const settled = (): boolean => outcome !== undefined || connection.hasEnded;
  await round.until('set up the transport', settled, deadline, signal);
  if (wrong !== undefined) throw wrong;
  return outcome === 'open';
}
