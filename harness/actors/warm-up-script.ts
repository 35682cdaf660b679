import { type Transport, speaksHttp } from '../scenario/transport.ts';
import type { Case } from '../scenario/case.ts';

/** Scripts of one exchange that is closed gracefully. */
export type SampleExchange = Pick<Case, 'client' | 'upstream'>;

/** Exchange of 64 bytes each way, for anything that passes bytes on. */
const BYTES: SampleExchange = {
  client: [{ kind: 'open' }, { kind: 'send', bytes: 64 }, { kind: 'expect', bytes: 64 }, { kind: 'close' }],
  upstream: [
    { kind: 'expect', bytes: 64 },
    { kind: 'send', bytes: 64 },
    { kind: 'expect-ending', ending: 'end' },
    { kind: 'close' },
  ],
};

/** Exchange whose request is complete before its answer: a gateway may store a request before it forwards it. */
const HTTP: SampleExchange = {
  client: [
    { kind: 'open' },
    { kind: 'request', request: { method: 'POST', path: '/', headers: {}, body: 64 } },
    { kind: 'expect-response', statuses: [200], whole: true },
    { kind: 'close' },
  ],
  upstream: [
    { kind: 'expect-request' },
    { kind: 'respond', response: { status: 200, headers: {}, body: 64 } },
  ],
};

/** Exchange with the route's sample, which a server answers by itself. */
const SERVER: SampleExchange = {
  client: [{ kind: 'open' }, { kind: 'ask' }, { kind: 'expect-answer' }, { kind: 'close' }],
  upstream: [],
};

/** Exchange for the warm-up and the recovery of any case, as its transports allow. */
export function sampleExchange({
  client,
  upstream,
}: {
  client: Transport;
  upstream?: Transport;
}): SampleExchange {
  if (upstream === undefined) return SERVER;
  return speaksHttp(client) && speaksHttp(upstream) ? HTTP : BYTES;
}
