import type { ActorConnection } from '../actors/actor-connection.ts';
import { HttpClient } from '../actors/transports/http/http-client.ts';
import type { Case } from '../scenario/case.ts';
import type { Target } from '../targets/file/target.ts';

/** Client of the judged round, as far as it tells whether its last answer was to be the last. */
type Asker = Pick<ActorConnection, 'failure'> & { pipe: object };

/**
 * Reason why a case tells nothing of the program: all clients that did not come to the end of their script have been told by an answer that
 * their connection ends with it, and the script goes on. That is a program's right (RFC 9112, 9.6), unless it promises what the
 * reference proxy does. Undefined for scenarios of one's own: they name what they expect.
 */
export function whyNotAskedAgain(
  { kind }: Pick<Case, 'kind'>,
  { contract }: Pick<Target, 'contract'>,
  clients: readonly Asker[],
): string | undefined {
  const failed = clients.filter(({ failure }) => failure !== undefined);
  if (kind === 'own' || contract || failed.length === 0) return undefined;
  if (!failed.every(isToldToLeave)) return undefined;
  return 'it asks again on a connection that the program has ended with its answer, as announced (`Connection: close`, or HTTP/1.0)';
}

/** Whether a client could ask or be answered no more, behind an answer that was the last. A wrong answer is a failure of its own. */
function isToldToLeave(client: Asker): boolean {
  const step = client.failure?.step ?? '';
  // whoever has asked or waited for an answer has a transport; a client that could not be set up has none
  if (!ASKS.has(step) && step !== 'expect-response') return false;
  const { pipe } = client;
  return pipe instanceof HttpClient && pipe.saidClose && (ASKS.has(step) || !pipe.isAnswered);
}

const ASKS: ReadonlySet<string> = new Set(['request', 'ask', 'raw']);
