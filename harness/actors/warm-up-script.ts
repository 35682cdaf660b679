import { type Carrier, speaksHttp } from '../scenario/transport.ts';
import type { Case } from '../scenario/case.ts';

/** Scripts of one exchange, closed gracefully. */
export type SampleExchange = Pick<Case, 'client' | 'upstream'>;

/** 64 bytes each way, over anything that passes bytes on. */
const BYTES: SampleExchange = {
  client: [{ kind: 'open' }, { kind: 'send', bytes: 64 }, { kind: 'expect', bytes: 64 }, { kind: 'close' }],
  upstream: [
    { kind: 'expect', bytes: 64 },
    { kind: 'send', bytes: 64 },
    { kind: 'expect-ending', ending: 'end' },
    { kind: 'close' },
  ],
};

/** A whole request before its answer: a gateway may store one before it forwards it. */
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

/** The sample of the route: a server answers it by itself. */
const SERVER: SampleExchange = {
  client: [{ kind: 'open' }, { kind: 'ask' }, { kind: 'expect-answer' }, { kind: 'close' }],
  upstream: [],
};

/** The exchange of the warm-up and of the recovery, whatever the case, as its carriers can have it. */
export function sampleExchange({
  client,
  upstream,
}: {
  client: Carrier;
  upstream?: Carrier;
}): SampleExchange {
  if (upstream === undefined) return SERVER;
  return speaksHttp(client) && speaksHttp(upstream) ? HTTP : BYTES;
}
