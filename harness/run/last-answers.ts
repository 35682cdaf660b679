import { HttpClient } from '../actors/transports/http/http-client.ts';
import type { ActorConnection } from '../actors/actor-connection.ts';
import type { Case } from '../scenario/case.ts';
import { clientGroups } from '../scenario/client-groups.ts';
import type { Step } from '../scenario/step.ts';

/**
 * Reason why a case that asks again on a connection cannot be run: in the warm-up the program said of each answer that its connection ends
 * with it. That is its right (RFC 9112, 9.6). Undefined for scenarios of one's own, which name what they expect.
 */
export function cannotAskAgain(
  testCase: Case,
  warmUp: readonly Pick<ActorConnection, 'actor' | 'pipe'>[],
): string | undefined {
  const clients = warmUp.filter(({ actor }) => actor === 'client');
  const isLast =
    clients.length > 0 && clients.every(({ pipe }) => pipe instanceof HttpClient && pipe.saidClose);
  if (testCase.kind === 'own' || !isLast) return undefined;
  if (!clientGroups(testCase).some(({ script }) => asksAgain(script))) return undefined;
  return 'it asks again on a connection, and in the warm-up the program ended each with its answer, as it had announced (`Connection: close`)';
}

/** Whether a script needs a second answer on its connection. */
function asksAgain(script: readonly Step[]): boolean {
  const first = script.findIndex(isAnswer);
  return first >= 0 && script.slice(first + 1).some((step) => isAnswer(step) || asks(step));
}

/** Whether a step waits for a final answer, and takes no end for one. */
function isAnswer(step: Step): boolean {
  if (step.kind !== 'expect-response') return step.kind === 'expect-answer';
  const isInterim = step.statuses.every((status) => typeof status === 'number' && status < 200);
  return step.orEnd !== true && !isInterim;
}

const asks = ({ kind }: Step): boolean => kind === 'request' || kind === 'ask' || kind === 'raw';
