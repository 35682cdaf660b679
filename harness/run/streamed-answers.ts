import type { ActorConnection } from '../actors/actor-connection.ts';
import { asks } from '../actors/transports/http/http-peer.ts';
import type { Pipe } from '../actors/transports/pipe.ts';
import { clientGroups } from '../scenario/client-groups.ts';
import type { Case } from '../scenario/case.ts';
import type { Step } from '../scenario/step.ts';
import { isOverH2, type Transport } from '../scenario/transport.ts';
import type { Target } from '../targets/file/target.ts';

/** Text for the report: cases run, and one thing of each answer is not seen. */
export const WHOLE_ANSWERS =
  'whether answers come whole: those of the warm-up had begun and did not end, as streams of events do (`request: { path: /… }` of the route names what is asked for)';

/** Client of the warm-up, as far as it tells whether its answer has begun and does not end. */
type Asker = Pick<ActorConnection, 'failure'> & { pipe: Pipe };

/**
 * Tells from the clients of the warm-up whether the answers of a server are streams without an end, as those with events are: all began well, without a
 * length, and none ended in time. The beginning of an answer is all that shipped cases can wait for then. False for scenarios of one's own
 * and for targets that promise what the reference proxy does: an answer that does not end is a finding there.
 */
export function streamsAnswers(
  { kind }: Pick<Case, 'kind'>,
  { contract }: Pick<Target, 'contract'>,
  warmUp: readonly Asker[],
): boolean {
  return kind !== 'own' && !contract && warmUp.length > 0 && warmUp.every(isStream);
}

function isStream(client: Asker): boolean {
  if (client.failure?.step !== 'expect-answer') return false;
  const { pipe } = client;
  if (!asks(pipe) || !pipe.midway) return false;
  const head = pipe.heads.at(-1);
  const isGood = (pipe.statuses.at(-1) ?? 0) < 300;
  return isGood && head !== undefined && !head.headers.has('content-length');
}

/** Streams that a connection of HTTP/2 may have at a time, unless a server is stricter than it should be (RFC 9113, 6.5.2). */
const STREAMS_AT_A_TIME = 100;

/** Reason why a case cannot be run on a server whose answers do not end: its clients ask again on the same connection. */
export function whyNotBehindStream(
  testCase: Pick<Case, 'client' | 'clients' | 'connections'>,
  client: Transport | undefined,
): string | undefined {
  // streams of HTTP/2 do not wait for one another, as long as there is room for them
  if (client !== undefined && isOverH2(client))
    return clientGroups(testCase).some(
      ({ script, streams = 1 }) => asksOf(script) * streams > STREAMS_AT_A_TIME,
    )
      ? 'it asks for more at a time than a connection has room for, and the answers of the program did not end in the warm-up'
      : undefined;
  if (client?.protocol !== 'http') return undefined;
  const asksAgain = clientGroups(testCase).some(({ script }) => {
    const answer = script.findIndex(({ kind }) => kind === 'expect-answer');
    return answer >= 0 && script.slice(answer).some(({ kind }) => kind === 'ask' || kind === 'request');
  });
  return asksAgain
    ? 'it asks again on its connection, and the answers of the program did not end in the warm-up'
    : undefined;
}

/** Requests whose answers a script waits for; those that it cancels make room. */
const asksOf = (script: readonly Step[]): number =>
  script.some(({ kind }) => kind === 'cancel') ? 0 : script.filter(({ kind }) => kind === 'ask').length;
