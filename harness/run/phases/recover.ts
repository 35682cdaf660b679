import { setTimeout as delay } from 'node:timers/promises';

import type { ActorConnection } from '../../actors/actor-connection.ts';
import type { ConnectionSeen } from '../../journal/entry.ts';
import type { ContextBeforeBaseline } from '../case-context.ts';
import { passAnHour } from '../growth/pass-an-hour.ts';
import { runExchanges } from './run-round.ts';

/** Number of the first round of new connections after all faults have been healed: no other comes near it. */
const RECOVERY_ROUND = 1_000;
/** Number of the round before all faults. */
const WARM_UP = 0;
/** Failure by an answer that tells clients to come again later. */
const LATER = /\b(?:429|503) came\b/;
/** Time (ms) for which such a target is asked again, and between two times. */
const PATIENCE = 6_000;
const EVERY = 1_000;

/**
 * Opens `count` new connections with one graceful exchange each: a target that survived its faults serves them as before. One that
 * answers that it is not available for now, as an open circuit breaker does, is asked again, at last an hour later by its clock.
 */
export async function recover(context: ContextBeforeBaseline, { count }: { count: number }): Promise<void> {
  const { lab, recorder, signal } = context;
  let round = RECOVERY_ROUND;
  recorder.phase('recover', round);
  let failures = await ask(context, { round, count });
  const end = performance.now() + PATIENCE;
  while (isForNow(failures) && performance.now() < end) {
    await delay(EVERY, undefined, { signal });
    failures = await ask(context, { round: ++round, count });
  }
  if (isForNow(failures) && (await passAnHour(context, { round })))
    failures = await ask(context, { round: ++round, count });
  const [failure] = failures;
  if (failure !== undefined && isAsEver(failures, lab.client.ofRound(WARM_UP))) {
    recorder.write({
      type: 'blind',
      what: `whether new connections are served: the first ones were not either (${failure})`,
    });
    return;
  }
  recorder.write({
    type: 'recovery',
    asked: count,
    served: count - failures.length,
    ...(failure === undefined ? {} : { failure }),
  });
}

/** Makes the exchanges of one round; resolves with why some were not served. */
async function ask(
  context: ContextBeforeBaseline,
  { round, count }: { round: number; count: number },
): Promise<string[]> {
  await runExchanges(context, { round, count, deadline: context.case.deadline });
  return unserved(context.lab.client.ofRound(round));
}

function unserved(clients: readonly ActorConnection[]): string[] {
  return clients.flatMap((client) => whyUnserved(client.describe()) ?? []);
}

/** Whether no client of the warm-up was served either, for the same reasons: a target that refuses the method of the exchange. */
function isAsEver(failures: readonly string[], warmUp: readonly ActorConnection[]): boolean {
  const before = unserved(warmUp);
  return (
    before.length > 0 && before.length === warmUp.length && failures.every((one) => before.includes(one))
  );
}

function isForNow(failures: readonly string[]): boolean {
  return failures.length > 0 && failures.every((failure) => LATER.test(failure));
}

/** The step at which a client was let down; undefined for one that was served. */
function whyUnserved({ failure, received, seen }: ConnectionSeen): string | undefined {
  if (failure !== undefined) return `${failure.step}: ${failure.message}`;
  // a refusal ends a connection before its script begins: elsewhere that is for the scenario to judge, here it is no service
  const isRefused = received === 0 && seen !== 'none' && seen !== 'end';
  return isRefused ? `open: the client saw \`${seen}\`` : undefined;
}
