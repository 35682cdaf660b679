import type { ConnectionSeen } from '../../journal/entry.ts';
import type { ContextBeforeBaseline } from '../case-context.ts';
import { runRound } from './run-round.ts';

/** Number of the round of new connections after all faults have been healed: no other comes near it. */
const RECOVERY_ROUND = 1_000;

/** Opens `count` new connections with one graceful exchange each: a target that survived its faults serves them as before. */
export async function recover(context: ContextBeforeBaseline, { count }: { count: number }): Promise<void> {
  const { lab, recorder } = context;
  recorder.phase('recover', RECOVERY_ROUND);
  await runRound(context, {
    ...lab.exchange,
    number: RECOVERY_ROUND,
    grants: true,
    faults: [],
    connections: { count, concurrent: count },
    deadline: context.case.deadline,
  });
  const clients = lab.client.ofRound(RECOVERY_ROUND).map((connection) => connection.describe());
  const failures = clients.flatMap((client) => whyUnserved(client) ?? []);
  const [failure] = failures;
  recorder.write({
    type: 'recovery',
    asked: count,
    served: count - failures.length,
    ...(failure === undefined ? {} : { failure }),
  });
}

/** The step at which a client was let down; undefined for one that was served. */
function whyUnserved({ failure, received, seen }: ConnectionSeen): string | undefined {
  if (failure !== undefined) return `${failure.step}: ${failure.message}`;
  // a refusal ends a connection before its script begins: elsewhere that is for the scenario to judge, here it is no service
  const isRefused = received === 0 && seen !== 'none' && seen !== 'end';
  return isRefused ? `open: the client saw \`${seen}\`` : undefined;
}
