import { afterEach, beforeEach, expect, test } from 'vitest';
import { openClient, startUpstream, within } from '../testing/peers.ts';
import type { Peer, TestUpstream } from '../testing/peers.ts';
import { startProxy } from '../testing/proxy-under-test.ts';
import type { ProxyUnderTest } from '../testing/proxy-under-test.ts';

/** Bytes beyond what the kernel buffers for a client that reads nothing. */
const MANY = 32 * 1024 * 1024;

let upstream: TestUpstream;
let target: ProxyUnderTest;

beforeEach(async () => {
  upstream = await startUpstream({ answer: true });
  target = await startProxy(upstream.port, { grace: 200 });
});

afterEach(async () => {
  await target.finish();
  await upstream.stop();
});

/** Makes bytes that differ from those of every other connection and of every other offset. */
function bytesOf(seed: number, length: number): Buffer {
  const words = new Uint32Array(length / 4);
  for (let at = 0; at < words.length; at++)
    words[at] = Math.imul(at + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
  return Buffer.from(words.buffer);
}

async function pair(paused = false): Promise<{ client: Peer; server: Peer }> {
  const client = await openClient(target.port, { paused });
  return { client, server: await upstream.next() };
}

const PACES = ['at once', 'late', 'at once', 'late'] as const;

test('each client gets its own bytes, whether it reads at once or late', async () => {
  const pairs: Awaited<ReturnType<typeof pair>>[] = [];
  for (const pace of PACES) pairs.push(await pair(pace === 'late'));
  for (const [seed, { server }] of pairs.entries()) server.socket.end(bytesOf(seed, MANY));
  const check = async (pace: (typeof PACES)[number]): Promise<void> => {
    for (const [seed, { client }] of pairs.entries()) {
      if (PACES[seed] !== pace) continue;
      client.socket.resume();
      const got = await within(`the bytes of client ${seed}`, client.ended, 30_000);
      // not toEqual(), which would print them all
      expect({ seed, length: got.length, same: got.equals(bytesOf(seed, MANY)) }).toEqual({
        seed,
        length: MANY,
        same: true,
      });
      client.socket.end();
    }
  };
  await check('at once');
  for (const [seed, { server }] of pairs.entries()) {
    // the bytes that late clients have not read are still queued at their upstreams
    if (PACES[seed] === 'late') expect(server.socket.writableLength).toBeGreaterThan(0);
  }
  await check('late');
  for (const end of await target.ends(pairs.length)) {
    expect(end).toMatchObject({ outgoing: 'normal', bytesOut: MANY, upstreamBytesIn: MANY });
  }
}, 60_000);

test('a client that resets while bytes wait for it takes nothing of the others', async () => {
  const gone = await pair(true);
  const other = await pair(true);
  gone.server.socket.write(bytesOf(1, MANY));
  other.server.socket.end(bytesOf(2, MANY));
  gone.client.socket.resetAndDestroy();
  other.client.socket.resume();
  const got = await within('the bytes of the other', other.client.ended, 30_000);
  expect(got.equals(bytesOf(2, MANY))).toBe(true);
  other.client.socket.end();
  const ends = await target.ends(2);
  expect(ends.map(({ incoming }) => incoming).toSorted()).toEqual(['closed_outgoing', 'econnreset']);
}, 60_000);
