import { once } from 'node:events';

import { expect, test } from 'vitest';

import { Requests } from './requests.ts';
import { socketPair } from '../testing/socket-pair.ts';

const READ = 65_536;

test.each([0, 28, READ - 1])(
  'a client that has filled the room goes on, though %s bytes of a header were dropped before its upstream was connected',
  async (header) => {
    const [peer, client] = await socketPair();
    const [upstream, receiver] = await socketPair();
    const body = 3 * READ;
    peer.end(Buffer.alloc(header + body, 'x'));
    const full = new Promise<void>((resolve) => {
      const requests = new Requests(client, () => {
        if (requests.size < READ) return;
        requests.discard(header);
        requests.passOn(upstream);
        client.on('end', () => upstream.end());
        resolve();
      });
    });
    await full;
    let received = 0;
    receiver.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(receiver, 'end');
    expect(received).toBe(body);
  },
);
