import { expect, test } from 'vitest';

import { startFixture } from '../../fixtures/start-fixture.ts';
import type { Report } from '../../protocol.ts';

const PROGRAM = 'leaky-server.mjs';
const TIMES = 80;

/** Takes three counts with the same number of visits before the second and the third; gives the third. */
async function look(name: string, mode: 'leaky' | 'mended'): Promise<Report> {
  const { probe, visit, drained, stop } = await startFixture(PROGRAM, [name, mode]);
  try {
    await visit(TIMES);
    await drained();
    await probe.baseline();
    await probe.objects(0);
    for (let count = 0; count < 2; count++) {
      await visit(TIMES);
      await drained();
      if (count === 0) await probe.objects(TIMES);
    }
    return await probe.objects(TIMES);
  } finally {
    await stop();
  }
}

test.each([
  ['linked-list', 1, /^objects that stay after 80 connections: \d+ × object Object/],
  ['copied-list', 1, /\d+ × object Object/],
  ['function-properties', 1, /\d+ × property of named/],
  ['joined-bytes', 8, /\d+ × 8 bytes of ArrayBuffer/],
  ['symbol-keys', 1, /\d+ × symbol/],
  // V8 joins the text from the port, the comma and the old text
  ['long-text', 3, /\d+ × string/],
  ['rewritten-text', 2, /\d+ × 8 bytes of text \(.*variable rewritten\)/],
])('%s is found by the number of its objects', async (name, each, sample) => {
  const { suspects } = await look(name, 'leaky');
  expect(suspects).toMatchObject([{ resource: 'memory', rule: 'slope' }]);
  // a few other objects are always in progress
  expect(suspects[0]?.count).toBeGreaterThan(0.9 * each * TIMES);
  expect(suspects[0]?.count).toBeLessThan(1.3 * each * TIMES);
  expect(suspects[0]?.sample).toMatch(sample);
  expect(suspects[0]?.path).toMatch(/latest|copied|bag|written|rewritten|named|joined/);
});

test.each([
  ['copied-numbers', /\d+ × number of Array \(.*numbers\)/],
  ['numbers-by-key', /\d+ × number of Array \(.*keyed\[…\]\)/],
  ['new-sets', /\d+ × place of Set \(.*windows/],
])('%s: numbers, which are no objects, are found by their room', async (name, sample) => {
  const { suspects } = await look(name, 'leaky');
  expect(suspects).toMatchObject([{ resource: 'memory', rule: 'slope' }]);
  expect(suspects[0]?.sample).toMatch(sample);
});

test('writes that wait in a stream nobody reads from are found, and are those of Node', async () => {
  const { suspects } = await look('unread-writes', 'leaky');
  expect(suspects).toMatchObject([{ resource: 'memory', rule: 'slope' }]);
  expect(suspects[0]?.sample).toMatch(/\d+ × write that waits in a stream/);
});

test.each([
  ['server-properties', /\d+ × property of Server/],
  ['unread-messages', /\d+ × native Node \/ Message/],
  ['object-urls', /\d+ × object Blob \(kept by Node\)/],
  ['registered-symbols', /\d+ × symbol symbol \(kept by Node\)/],
])('%s, which Node keeps for the program, are found', async (name, sample) => {
  const { suspects } = await look(name, 'leaky');
  expect(suspects).toMatchObject([{ resource: 'memory', rule: 'slope' }]);
  expect(suspects[0]?.sample).toMatch(sample);
});

test.each([
  'server-properties',
  'unread-messages',
  'object-urls',
  'registered-symbols',
  'new-sets',
  'linked-list',
  'copied-list',
  'function-properties',
  'copied-numbers',
  'numbers-by-key',
  'joined-bytes',
  'symbol-keys',
  'long-text',
  'rewritten-text',
  'unread-writes',
  'socket-timeout',
])('%s, mended, is not', async (name) => {
  expect((await look(name, 'mended')).suspects).toEqual([]);
});
