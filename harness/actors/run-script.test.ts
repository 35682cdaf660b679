import { createServer, type AddressInfo } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { Teardown } from '../lab/teardown.ts';
import { PLAIN } from '../scenario/transport.ts';
import type { Step } from '../scenario/step.ts';
import { runClientAlone } from './testing/actors-alone.ts';

const teardown = new Teardown();
afterEach(() => teardown.run());

const CLOSED: Step = { kind: 'expect-ending', ending: 'closed' };
const SEND: Step = { kind: 'send', bytes: 1024 };

test.each<[string, Step, string | undefined]>([
  ['the end is expected next', CLOSED, undefined],
  ['a reset, and no other end, is expected next', { kind: 'expect-ending', ending: 'reset' }, 'send'],
  ['bytes are expected next', { kind: 'expect', bytes: 64 }, 'send'],
])('a send on a connection that has been reset before: %s', async (_, next, failed) => {
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy())).listen(
    0,
    '127.0.0.1',
  );
  teardown.add('the server', () => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const client = await runClientAlone(port, [SEND, CLOSED, SEND, next], { transport: PLAIN, teardown });
  expect(client.failure?.step).toBe(failed);
});
