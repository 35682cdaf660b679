import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createRecord, createSide } from './connection-record.ts';
import { passEnd } from './end-socket.ts';
import { socketPair } from '../testing/socket-pair.ts';

/** Record of a connection whose upstream, with `peer` at its far end, has ended. */
async function withEndedUpstream() {
  const [client] = await socketPair();
  const [upstream, peer] = await socketPair();
  const record = createRecord('1', client, 0);
  const side = createSide(record, 'outgoing', upstream);
  record.outgoing = side;
  side.connected = true;
  side.ended = true;
  return { record, side, upstream, peer };
}

test.each([0, 8 * 1024 * 1024])(
  'a second FIN that is passed on while %i bytes wait comes behind them',
  async (waiting) => {
    const { record, upstream, peer } = await withEndedUpstream();
    upstream.write(Buffer.alloc(waiting));
    passEnd(record, record.incoming);
    // a close in the place of a shutdown and a close
    expect(upstream.destroyed).toBe(waiting === 0);
    let received = 0;
    peer.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(peer, 'end');
    expect(received).toBe(waiting);
  },
);

test('no FIN is passed on to an upstream that is connecting, nor to one whose connection is ending', async () => {
  const [client] = await socketPair();
  const [upstream] = await socketPair();
  const record = createRecord('1', client, 0);
  record.outgoing = createSide(record, 'outgoing', upstream);
  passEnd(record, record.incoming);
  record.outgoing.connected = true;
  record.ending = true;
  passEnd(record, record.incoming);
  expect(upstream.writableEnded).toBe(false);
});

test('a write that fails in the tick in which the second FIN is passed on is an error, and no end', async () => {
  const { record, side, upstream, peer } = await withEndedUpstream();
  const failed = once(upstream, 'error');
  peer.resetAndDestroy();
  // nobody reads, so only a write tells
  await once(peer, 'close');
  upstream.write('x');
  passEnd(record, record.incoming);
  expect(side.finished).toBe(false);
  expect(String(await failed)).toMatch(/ECONNRESET|EPIPE/);
});
