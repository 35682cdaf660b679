import { isDeepStrictEqual } from 'node:util';

import type { ActorConnection } from '../actors/actor-connection.ts';
import { asks } from '../actors/transports/http/http-peer.ts';
import { GET_ROOT, type SampleRequest } from '../scenario/sample-request.ts';

/**
 * Text for the report where a server refuses the request that clients make because its target file names none, as a program without a page at / does:
 * cases run, and none of them gets to the code behind its paths.
 *
 * @param statuses of the answers of the warm-up; undefined: a client got none
 */
export function whyRefused(
  sample: SampleRequest,
  statuses: readonly (number | undefined)[],
): string | undefined {
  // a target file goes to the workers as JSON
  if (!isDeepStrictEqual(sample, GET_ROOT)) return undefined;
  const [status = 0, ...others] = new Set(statuses);
  if (others.length > 0 || status < 400 || status > 499) return undefined;
  return `how it serves requests: it answers \`GET /\` by ${status}, and its target file names no other (\`request: { path: /… }\` of the route)`;
}

/** Status of the last answer of each client. */
export function lastStatuses(
  clients: readonly Pick<ActorConnection, 'did' | 'pipe'>[],
): (number | undefined)[] {
  return clients.map((client) => {
    // whoever has come to the end of the script has a transport
    const pipe = client.did === 'closed' ? client.pipe : undefined;
    return pipe !== undefined && asks(pipe) ? pipe.statuses.at(-1) : undefined;
  });
}
