import type { Case } from '../../scenario/case.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import type { Recorder } from '../../journal/recorder.ts';
import { runRound } from './run-round.ts';

/** Number of the round of new connections after all faults have been healed: no other comes near it. */
const RECOVERY_ROUND = 1_000;

/** New connections, one graceful exchange each: a target that survived its faults serves them as if nothing had been. */
export async function recover(
  { deadline }: Case,
  count: number,
  lab: CaseLab,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<void> {
  recorder.phase('recover', RECOVERY_ROUND);
  const connections = { count, concurrent: count };
  await runRound(
    lab,
    recorder,
    RECOVERY_ROUND,
    { ...lab.exchange, grants: true, faults: [], connections, deadline },
    signal,
  );
  const clients = lab.client.ofRound(RECOVERY_ROUND).map((connection) => connection.describe());
  const failures = clients.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  const [first] = failures;
  recorder.write({
    type: 'recovery',
    asked: count,
    served: count - failures.length,
    ...(first === undefined ? {} : { failure: `${first.step}: ${first.message}` }),
  });
}
