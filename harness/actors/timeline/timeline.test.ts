import { once } from 'node:events';
import net from 'node:net';

import { expect, test } from 'vitest';

import { ConnectionTimeline } from './connection-timeline.ts';
import { isTimed } from './is-timed.ts';

test.each([
  [1, 1],
  [200, 200],
  [201, 133],
  [10_000, 199],
  [100_000, 199],
])('of %d connections %d have a timeline, the first 100 among them', (count, timed) => {
  const numbers = Array.from({ length: count }, (_, number) => number).filter((one) => isTimed(one, count));
  expect(numbers).toHaveLength(timed);
  expect(numbers.slice(0, 100)).toEqual(Array.from({ length: Math.min(count, 100) }, (_, number) => number));
  // one actor may have more connections than the round has clients: HTTP requests, attempts to connect anew
  expect(isTimed(count + 200, count)).toBe(false);
});

test('a long script keeps its first steps and the last one: 40 events at most', () => {
  const timeline = new ConnectionTimeline();
  for (const event of ['opened', 'established', 'first-byte'] as const) timeline.note(event);
  for (let step = 0; step < 500; step++) timeline.note('step', { step });
  for (let number = 0; number < 100; number++) timeline.note('error', { code: `E${number}` });
  for (const event of ['fin', 'fin-sent', 'rst', 'rst-sent', 'closed', 'closed'] as const)
    timeline.note(event);
  const events = timeline.since(0);
  expect(events.length).toBe(40);
  const steps = events.flatMap(({ step }) => step ?? []);
  expect(steps).toEqual([...Array.from({ length: 28 }, (_, step) => step), 499]);
  expect(events.filter(({ event }) => event === 'closed')).toHaveLength(1);
  expect(events.map(({ t }) => t)).toEqual(events.map(({ t }) => t).toSorted((a, b) => a - b));
});

test('times count from the start of the case', () => {
  const timeline = new ConnectionTimeline();
  timeline.note('opened', {}, 1234.5678);
  expect(timeline.since(1000)).toEqual([{ t: 234.6, event: 'opened' }]);
});

test('a reset of the peer is seen with its code; after our own the peer’s doings are echoes', async () => {
  const server = net.createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const seenBy = async (before: (timeline: ConnectionTimeline) => void): Promise<string[]> => {
    const timeline = new ConnectionTimeline();
    const socket = net.connect(port, '127.0.0.1');
    before(timeline);
    timeline.watch(socket);
    await new Promise((resolve) => socket.once('close', resolve).resume());
    return timeline.since(0).map(({ event, code }) => (code === undefined ? event : `${event} ${code}`));
  };
  expect(await seenBy(() => undefined)).toEqual(['rst ECONNRESET', 'closed']);
  expect(await seenBy((timeline) => timeline.note('rst-sent'))).toEqual(['rst-sent', 'closed']);
  server.close();
});
