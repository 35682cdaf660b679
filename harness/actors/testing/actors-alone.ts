import { expect } from 'vitest';

import type { Certificates } from '../../lab/certificates.ts';
import type { Teardown } from '../../lab/teardown.ts';
import type { SampleRequest } from '../../scenario/sample-request.ts';
import type { Step } from '../../scenario/step.ts';
import type { Transport } from '../../scenario/transport.ts';
import type { ActorConnection } from '../actor-connection.ts';
import { Client } from '../client.ts';
import { Upstream } from '../upstream.ts';
import { freePort } from './free-port.ts';
import { roundAlone } from './round-alone.ts';

/** Transport of an actor, and what ends it after the test. */
type Alone = { transport: Transport; teardown: Teardown; deadline?: number | undefined };

/** Runs a script as the only client of a port. */
export async function runClientAlone(
  port: number,
  script: readonly Step[],
  {
    transport,
    teardown,
    deadline = 3000,
    server = false,
    sample,
    streamsAnswers = false,
    pem,
  }: Alone & {
    server?: boolean;
    sample?: SampleRequest | undefined;
    streamsAnswers?: boolean;
    pem?: Certificates['pem'];
  },
): Promise<ActorConnection> {
  const address = { host: '127.0.0.1', port };
  const lab = { pem, upstream: address };
  const client = new Client({
    address,
    transport,
    lab,
    server,
    sample,
    pending: () => 0,
    notesSource: false,
  });
  teardown.add('the client', () => client.release());
  const group = { count: 1, concurrent: 1, script: [{ kind: 'open' as const }, ...script] };
  await client.run(roundAlone(1, { streamsAnswers }), [group], { deadline, anyBytes: false });
  return client.connections[0] as ActorConnection;
}

/** Starts an upstream with a script; `done` gives its first connection, once the script has run. */
export async function startUpstreamAlone(
  script: Step[],
  { transport, teardown, deadline = 3000 }: Alone,
): Promise<{ port: number; done: () => Promise<ActorConnection> }> {
  const address = { host: '127.0.0.1', port: await freePort() };
  const upstream = new Upstream({ address, transport, lab: { pem: undefined, upstream: address } });
  teardown.add('the upstream', () => upstream.close());
  await upstream.listen();
  const errors: unknown[] = [];
  upstream.serve({ round: roundAlone(1), script, deadline }, (error) => errors.push(error));
  return {
    port: address.port,
    done: async () => {
      await upstream.scriptsDone();
      expect(errors).toEqual([]);
      return upstream.connections[0] as ActorConnection;
    },
  };
}
