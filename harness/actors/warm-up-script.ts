import { type Transport, speaksHttp } from '../scenario/transport.ts';
import { GRPC_PATH } from '../scenario/protocols/grpc-step.ts';
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

/** Call of gRPC with a message each way. */
const CALL: SampleExchange = {
  client: [
    { kind: 'open' },
    { kind: 'grpc', act: { type: 'call', path: GRPC_PATH } },
    { kind: 'grpc', act: { type: 'message', bytes: 64 } },
    { kind: 'grpc', act: { type: 'end' } },
    { kind: 'expect-grpc', part: { type: 'message', bytes: 64 } },
    { kind: 'expect-grpc', part: { type: 'status', codes: [0] } },
    { kind: 'close' },
  ],
  upstream: [
    { kind: 'expect-grpc', part: { type: 'end' } },
    { kind: 'grpc', act: { type: 'message', bytes: 64 } },
    { kind: 'grpc', act: { type: 'status', code: 0, text: '' } },
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
  if (client.protocol === 'grpc') return CALL;
  return speaksHttp(client) && speaksHttp(upstream) ? HTTP : BYTES;
}
